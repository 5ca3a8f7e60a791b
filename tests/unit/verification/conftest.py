"""Sandboxes for tests, with lower limits than in production."""

from collections.abc import Iterator

import pytest

from coursewright.verification.sandbox.worker_pool import Limits, Sandbox


@pytest.fixture(scope="session")
def python_sandbox() -> Iterator[Sandbox]:
    """Yield one Python sandbox for all tests in a process."""
    sandbox = Sandbox("python", Limits(max_fuel=7_000_000_000, seconds=10))
    yield sandbox
    sandbox.close()


@pytest.fixture(scope="session")
def sql_sandbox() -> Iterator[Sandbox]:
    """Yield one SQL sandbox for all tests in a process."""
    sandbox = Sandbox("sql", Limits(seconds=5))
    yield sandbox
    sandbox.close()
