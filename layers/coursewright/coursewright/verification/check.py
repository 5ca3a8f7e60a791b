"""The entry point of verification: chooses the verifier for a draft and times it."""

from time import monotonic

from coursewright.domain.errors import SandboxUnavailable, StepUnanswered
from coursewright.domain.evidence import VERIFIER_VERSION, Evidence, FindingCode, Verdict
from coursewright.verification.canary import passes_canary
from coursewright.verification.check_request import CheckRequest, PythonCheck
from coursewright.verification.differential_host import compare_solutions
from coursewright.verification.language import with_language
from coursewright.verification.python.check import check_python
from coursewright.verification.python.review_host import with_review
from coursewright.verification.rejections import reason
from coursewright.verification.sandbox.worker_pool import Sandbox, python_sandbox, sql_sandbox
from coursewright.verification.sql.check import check_sql
from coursewright.verification.sql.examples_host import with_example_tables


def check(request: CheckRequest) -> Evidence:
    """Check a draft and return the evidence.

    Raises:
        SandboxUnavailable: if code cannot be isolated on this machine.
    """
    started = monotonic()
    sandbox = python_sandbox() if isinstance(request, PythonCheck) else sql_sandbox()
    evidence = check_in(sandbox, request)
    if request.language:
        evidence = with_language(evidence, request.text, request.language)
    return evidence.model_copy(
        update={
            "verifier_version": VERIFIER_VERSION,
            "duration_ms": round((monotonic() - started) * 1000),
        }
    )


def check_in(sandbox: Sandbox, request: CheckRequest) -> Evidence:
    """Check a draft in a sandbox; a draft for which it has no answer is rejected.

    Raises:
        SandboxUnavailable: if the sandbox has no answer for a simple draft either.
    """
    try:
        return _evidence(request, sandbox.for_one_check())
    except StepUnanswered as error:
        if not passes_canary(sandbox):
            raise SandboxUnavailable(f"the step {error.step} did not answer") from error
        unchecked = reason(FindingCode.COULD_NOT_BE_CHECKED, step=error.step)
        return Evidence(verdict=Verdict.REJECTED, reasons=(unchecked,))


def _evidence(request: CheckRequest, sandbox: Sandbox) -> Evidence:
    if isinstance(request, PythonCheck):
        evidence = with_review(check_python(request, sandbox), request, sandbox)
    else:
        evidence = with_example_tables(check_sql(request, sandbox), request, sandbox)
    compared = compare_solutions(request, sandbox)
    return evidence.model_copy(
        update={
            "differences": compared.differences,
            "doubts": (*evidence.doubts, *compared.doubts),
        }
    )
