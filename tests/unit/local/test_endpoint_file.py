"""A command in another terminal finds the cloud that `up` has left running."""

from pathlib import Path

import pytest
import typer

from local import endpoint_file
from local.stack import Laptop

LAPTOP = Laptop(
    endpoint_url="http://127.0.0.1:1",
    site_url="http://127.0.0.1:2",
    mailbox_url="http://127.0.0.1:3",
    authoring_url="http://127.0.0.1:4",
    outputs={"TableName": "one"},
)


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoint_file, "ROOT", tmp_path)


def test_what_was_written_down_is_found() -> None:
    endpoint_file.remember(LAPTOP)

    found = endpoint_file.attached()

    assert (found.endpoint_url, found.outputs) == (LAPTOP.endpoint_url, LAPTOP.outputs)
    assert endpoint_file.is_noted()


def test_a_cloud_that_has_ended_is_not_found(capsys: pytest.CaptureFixture[str]) -> None:
    endpoint_file.remember(LAPTOP)
    endpoint_file.forget()

    with pytest.raises(typer.Exit):
        endpoint_file.attached()

    assert "no cloud is running here" in capsys.readouterr().err
