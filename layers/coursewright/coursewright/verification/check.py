"""The entry point of verification: chooses the verifier for a draft and times it."""

from time import monotonic

from coursewright.domain.evidence import VERIFIER_VERSION, Evidence
from coursewright.verification.check_request import CheckRequest, PythonCheck
from coursewright.verification.differential_host import differences
from coursewright.verification.language import with_language
from coursewright.verification.python.check import check_python
from coursewright.verification.sandbox.worker_pool import python_sandbox, sql_sandbox
from coursewright.verification.sql.check import check_sql


def check(request: CheckRequest) -> Evidence:
    """Check a draft and return the evidence.

    Raises:
        SandboxUnavailable: if code cannot be isolated on this machine.
    """
    started = monotonic()
    sandbox = python_sandbox() if isinstance(request, PythonCheck) else sql_sandbox()
    if isinstance(request, PythonCheck):
        evidence = check_python(request, sandbox)
    else:
        evidence = check_sql(request, sandbox)
    if request.language:
        evidence = with_language(evidence, request.text, request.language)
    return evidence.model_copy(
        update={
            "differences": differences(request, sandbox),
            "verifier_version": VERIFIER_VERSION,
            "duration_ms": round((monotonic() - started) * 1000),
        }
    )
