"""Has the sandbox check a draft and stores the evidence."""

from typing import Any

from coursewright import wiring
from coursewright.observability import logged, measure
from coursewright.steps.verify_draft import VerifyDraftDeps, VerifyTask, verify_draft


@logged
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Handle the `Verify draft` state."""
    deps = VerifyDraftDeps(
        drafts=wiring.drafts(),
        generations=wiring.generations(),
        lessons=wiring.lessons(),
        sandbox=wiring.sandbox(),
        verifications=wiring.verifications(),
    )
    verification = verify_draft(VerifyTask.model_validate(event), deps=deps)
    pointer = f"VERIFICATION#{verification.draft}#{verification.attempt}"
    verdict, repair = verification.verdict.value, verification.repair.value
    measure("DraftVerified", int(verdict == "verified"))
    return {"verdict": verdict, "repair": repair, "verification": pointer}
