"""Commands in another terminal find the cloud that `up` has started."""

from pathlib import Path

import pytest
import typer

from local import endpoint_file
from local.access_key import AccessKey
from local.stack import DeployedStack

STACK = DeployedStack(
    endpoint_url="http://127.0.0.1:1",
    site_url="http://127.0.0.1:2",
    mailbox_url="http://127.0.0.1:3",
    authoring_url="http://127.0.0.1:4",
    outputs={"TableName": "one"},
    access_key=AccessKey(),
)


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoint_file, "ROOT", tmp_path)


def test_the_endpoint_file_is_read_back() -> None:
    endpoint_file.write(STACK)

    found = endpoint_file.read_stack()

    assert found == STACK
    assert endpoint_file.exists()


def test_only_the_owner_can_read_the_access_key(tmp_path: Path) -> None:
    state = tmp_path / ".laptop" / "state.json"
    state.parent.mkdir()
    state.write_text("{}")
    state.chmod(0o644)

    endpoint_file.write(STACK)

    assert state.stat().st_mode & 0o777 == 0o600
    assert STACK.access_key.secret in state.read_text()
    assert STACK.access_key.secret not in repr(STACK)
    assert [file.name for file in state.parent.iterdir()] == ["state.json"]


def test_a_cloud_that_has_ended_is_not_found(capsys: pytest.CaptureFixture[str]) -> None:
    endpoint_file.write(STACK)
    endpoint_file.remove()

    with pytest.raises(typer.Exit):
        endpoint_file.read_stack()

    assert "No cloud is running here" in capsys.readouterr().err
