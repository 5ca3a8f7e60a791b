"""Sandboxes for the tests, with less patience than in service."""

from collections.abc import Iterator

import pytest

from coursewright.verification.sandbox.worker_pool import Limits, Sandbox


@pytest.fixture(scope="session")
def python_sandbox() -> Iterator[Sandbox]:
    """One Python sandbox for all tests of a process."""
    sandbox = Sandbox("python", Limits(seconds=1))
    yield sandbox
    sandbox.close()


@pytest.fixture(scope="session")
def sql_sandbox() -> Iterator[Sandbox]:
    """One SQL sandbox for all tests of a process."""
    sandbox = Sandbox("sql", Limits(seconds=1))
    yield sandbox
    sandbox.close()
