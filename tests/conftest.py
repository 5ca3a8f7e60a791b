"""What every test relies on: no network but loopback, dummy credentials, a fixed region."""

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
os.environ.update(AWS_ENVIRONMENT)
for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_SESSION_TOKEN", "OPENAI_API_KEY"):
    os.environ.pop(name, None)


def pytest_configure(config: pytest.Config) -> None:
    """Refuse every connection that leaves this machine; no property fails for being slow."""
    from hypothesis import HealthCheck, settings
    from pytest_socket import socket_allow_hosts

    socket_allow_hosts(["127.0.0.1", "localhost", "::1"], allow_unix_socket=True)
    patience: Any = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
    settings.register_profile("patient", settings(), **patience)
    settings.load_profile("patient")


def pytest_itemcollected(item: pytest.Item) -> None:
    """Run the tests that share a module's or a package's fixture in one worker, one after another.

    Otherwise every worker would build the fixture, which may be a whole laptop cloud. The marker
    is set here because pytest-xdist reads markers before this file's other hooks are called.
    """
    shared = shared_fixtures(item)
    if shared and item.get_closest_marker("xdist_group") is None:
        item.add_marker(pytest.mark.xdist_group(min(shared, key=len)))


def shared_fixtures(item: pytest.Item) -> set[str]:
    """Return the folders and files whose fixtures of a wider scope a test needs."""
    found = getattr(item, "_fixtureinfo", None)
    definitions = found.name2fixturedefs if found else {}
    return {
        used[-1].baseid for used in definitions.values() if used[-1].scope in ("module", "package")
    }


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print the figures that tests recorded: pytest's workers cannot print them themselves."""
    for report in terminalreporter.getreports("passed"):
        for name, figure in report.user_properties:
            terminalreporter.write_line(f"{name}: {figure}")
