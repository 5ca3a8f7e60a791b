"""Settings for all tests: loopback network only, dummy credentials, scheduling of workers."""

import os
from typing import Any

import pytest

AWS_ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_REGION": "eu-west-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "POWERTOOLS_TRACE_DISABLED": "true",
    "POWERTOOLS_SERVICE_NAME": "coursewright",
    "LANGSMITH_TRACING": "false",
}
SHARED = ("tests/browser/", "tests/drill/", "tests/unit/local/")  # folders with package fixtures
os.environ.update(AWS_ENVIRONMENT)
for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_SESSION_TOKEN", "OPENAI_API_KEY"):
    os.environ.pop(name, None)


def pytest_configure(config: pytest.Config) -> None:
    """Block connections that leave this machine; never fail a property test for being slow."""
    from hypothesis import HealthCheck, settings
    from pytest_socket import socket_allow_hosts

    socket_allow_hosts(["127.0.0.1", "localhost", "::1"], allow_unix_socket=True)
    patience: Any = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
    settings.register_profile("patient", settings(), **patience)
    settings.load_profile("patient")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run tests on laptop clouds first, because they take longest."""
    items.sort(key=lambda item: not {"cloud", "drill"} & set(getattr(item, "fixturenames", ())))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Run all tests of a file, or of a folder with shared fixtures, in one worker.

    Otherwise every worker would build these fixtures, some of which are whole laptop clouds. The
    `xdist_group` marker does not work with pytest-xdist 3.8 and pytest 9.2.
    """
    from xdist.scheduler import LoadFileScheduling

    class SharedFixtureScheduling(LoadFileScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            shared = (folder for folder in SHARED if nodeid.startswith(folder))
            return next(shared, super()._split_scope(nodeid))

    config.option.loadscopereorder = False  # preserves the collection order
    return SharedFixtureScheduling(config, log) if config.getvalue("dist") == "loadfile" else None


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print the figures recorded by tests, because pytest-xdist workers cannot print."""
    for report in terminalreporter.getreports("passed"):
        for name, figure in report.user_properties:
            terminalreporter.write_line(f"{name}: {figure}")
