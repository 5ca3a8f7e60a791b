"""The emulator changes neither the environment nor the logging configuration."""

import json
import os
import subprocess
import sys

import pytest

from local.emulator import apply_all

INSIDE = """
import json, logging, os
before = logging.getLogger().level, list(logging.getLogger().handlers)
import local.emulator
after = logging.getLogger().level, list(logging.getLogger().handlers)
print(json.dumps({
    "logging": before == after,
    "kept": {
        name: os.environ[name] for name in ("LOG_LEVEL", "SERVICES", "SMTP_HOST", "S3_PERSIST")
    },
}))
"""


def test_settings_of_another_emulator_are_ignored_and_preserved() -> None:
    foreign = {
        "LOG_LEVEL": "DEBUG",
        "SERVICES": "s3",
        "SMTP_HOST": "mail.example.edu",
        "S3_PERSIST": "1",
    }

    result = subprocess.run(
        [sys.executable, "-c", INSIDE],
        capture_output=True,
        check=True,
        env={**os.environ, **foreign},
    )

    found = json.loads(result.stdout)
    assert found["logging"]
    assert found["kept"] == {
        "LOG_LEVEL": "DEBUG",
        "SERVICES": "s3",
        "SMTP_HOST": "",
        "S3_PERSIST": "0",
    }


def test_docker_is_never_used() -> None:
    docker = pytest.importorskip("docker")
    apply_all()

    with pytest.raises(ConnectionError, match="does not use Docker"):
        docker.from_env()
