"""The practice models can be started without the laptop cloud."""

import socket

import pytest

from local.practice.__main__ import main


def test_a_port_in_use_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setattr("sys.argv", ["practice", "--port", str(port)])

        with pytest.raises(SystemExit):
            main()

    assert f"port {port} cannot be used" in capsys.readouterr().err
