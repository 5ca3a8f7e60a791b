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
SLOW = (
    "test_two_crashes_",
    "tests/drill/test_laptop",
    "test_laptop_cloud_exchange",
    "test_laptop_cloud_chat",
    "test_laptop_cloud_operators",
    "test_laptop_cloud_edit",
    "tests/browser/test_authoring",
    "test_a_page_is_open_to_everybody",
    "test_hostile_texts_stay_inert",
    "test_a_module_is_reviewed",
    "test_a_review_from_the_mail_to_the_publication",
    "test_a_scanner_that_opens_runs_",
    "test_a_crash_changes_nothing_",
    "test_redrive.py",
    "test_laptop_authoring",
    "test_roles",
    "tests/browser/test_every_page",
    "test_scenario_39_",
    "test_scenario_42_",
    "test_a_walk_that_runs_out_of_time_",
    "test_nothing_of_a_forgotten_course_",
    "test_a_hundred_of_the_longest_drafts_",
)
CLOUD = (
    "unit/local/",
    "test_author_course",
    "test_laptop_cloud",
    "test_laptop_authoring",
    "tests/browser/test_authoring",
    "tests/browser/test_review",
    "tests/drill/test_laptop",
    "test_roles",
)
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


@pytest.hookimpl(tryfirst=True)  # before `-m` chooses
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run all tests of the laptop cloud in one process after another: a process holds one cloud."""
    for item in items:
        if any(part in item.nodeid for part in SLOW):
            item.add_marker(pytest.mark.slow)
        if any(part in item.nodeid for part in CLOUD):
            item.add_marker(pytest.mark.xdist_group("laptop cloud"))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print the figures that tests recorded: pytest's workers cannot print them themselves."""
    for report in terminalreporter.getreports("passed"):
        for name, figure in report.user_properties:
            terminalreporter.write_line(f"{name}: {figure}")
