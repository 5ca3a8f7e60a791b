"""The scenarios use the workflow fixture of `tests/workflow`."""

from tests.workflow.conftest import practice, workflow

__all__ = ["practice", "workflow"]
