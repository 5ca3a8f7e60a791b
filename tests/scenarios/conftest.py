"""The scenarios play on the workflow of `tests/workflow`."""

from tests.workflow.conftest import practice, workflow

__all__ = ["practice", "workflow"]
