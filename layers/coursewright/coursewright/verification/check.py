"""Chooses the verifier for a draft and times it."""

from time import monotonic

from coursewright.verification.check_request import CheckRequest, Evidence, PythonCheck
from coursewright.verification.differential_host import differences
from coursewright.verification.python.check import check_python
from coursewright.verification.sandbox.worker_pool import python_sandbox, sql_sandbox
from coursewright.verification.sql.check import check_sql


def check(request: CheckRequest) -> Evidence:
    """Prove a draft, or say why it cannot be trusted.

    Raises:
        SandboxUnavailable: if code cannot be isolated on this machine.
    """
    started = monotonic()
    sandbox = python_sandbox() if isinstance(request, PythonCheck) else sql_sandbox()
    if isinstance(request, PythonCheck):
        evidence = check_python(request, sandbox)
    else:
        evidence = check_sql(request, sandbox)
    found = differences(request, sandbox)
    duration_ms = round((monotonic() - started) * 1000)
    return evidence.model_copy(update={"differences": found, "duration_ms": duration_ms})
