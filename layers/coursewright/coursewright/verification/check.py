"""Chooses the verifier for a draft and times it."""

from time import monotonic

from coursewright.verification.contract import CheckRequest, Evidence, PythonCheck
from coursewright.verification.python_check import check_python
from coursewright.verification.sandbox import python_sandbox, sql_sandbox
from coursewright.verification.sql_check import check_sql


def check(request: CheckRequest) -> Evidence:
    """Prove a draft, or say why it cannot be trusted.

    Raises:
        SandboxUnavailable: if code cannot be isolated on this machine.
    """
    started = monotonic()
    if isinstance(request, PythonCheck):
        evidence = check_python(request, python_sandbox())
    else:
        evidence = check_sql(request, sql_sandbox())
    duration_ms = round((monotonic() - started) * 1000)
    return evidence.model_copy(update={"duration_ms": duration_ms})
