"""Commands in another terminal find the cloud that `up` has started."""

from pathlib import Path

import pytest
import typer

from local import endpoint_file
from local.stack import DeployedStack

STACK = DeployedStack(
    endpoint_url="http://127.0.0.1:1",
    site_url="http://127.0.0.1:2",
    mailbox_url="http://127.0.0.1:3",
    authoring_url="http://127.0.0.1:4",
    outputs={"TableName": "one"},
)


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoint_file, "ROOT", tmp_path)


def test_the_endpoint_file_is_read_back() -> None:
    endpoint_file.write(STACK)

    found = endpoint_file.read_stack()

    assert (found.endpoint_url, found.outputs) == (STACK.endpoint_url, STACK.outputs)
    assert endpoint_file.exists()


def test_a_cloud_that_has_ended_is_not_found(capsys: pytest.CaptureFixture[str]) -> None:
    endpoint_file.write(STACK)
    endpoint_file.remove()

    with pytest.raises(typer.Exit):
        endpoint_file.read_stack()

    assert "No cloud is running here" in capsys.readouterr().err
