"""The scenarios play on the workflow of `tests/workflow`, with its functions, agents and sandbox."""

from tests.workflow.conftest import practice, workflow

__all__ = ["practice", "workflow"]
