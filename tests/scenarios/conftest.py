"""Provides the scenarios with the workflow fixture from `tests/workflow`."""

from tests.workflow.conftest import practice, workflow

__all__ = ["practice", "workflow"]
