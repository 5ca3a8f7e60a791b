"""A command in another terminal finds the cloud that `up` has left running."""

from pathlib import Path

import pytest
import typer

from local import running_cloud
from local.laptop import Laptop

LAPTOP = Laptop(
    endpoint_url="http://127.0.0.1:1",
    site_url="http://127.0.0.1:2",
    mailbox_url="http://127.0.0.1:3",
    desk_url="http://127.0.0.1:4",
    outputs={"TableName": "one"},
)


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running_cloud, "ROOT", tmp_path)


def test_what_was_written_down_is_found() -> None:
    running_cloud.remember(LAPTOP)

    found = running_cloud.attached()

    assert (found.endpoint_url, found.outputs) == (LAPTOP.endpoint_url, LAPTOP.outputs)
    assert running_cloud.is_noted()


def test_a_cloud_that_has_ended_is_not_found(capsys: pytest.CaptureFixture[str]) -> None:
    running_cloud.remember(LAPTOP)
    running_cloud.forget()

    with pytest.raises(typer.Exit):
        running_cloud.attached()

    assert "no cloud is running here" in capsys.readouterr().err
