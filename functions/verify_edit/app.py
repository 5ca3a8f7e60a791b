"""Has the sandbox check a reviewer's edit while the reviewer continues reading."""

from typing import Any

from coursewright import wiring
from coursewright.domain.edit import VerifyEditTask
from coursewright.observability import logged
from coursewright.steps.verify_edit import VerifyEditDeps, verify_edit


@logged
def handler(event: dict[str, Any], context: object) -> dict[str, bool]:
    """Handle the asynchronous invocation by `edit_draft`."""
    deps = VerifyEditDeps(
        reviews=wiring.reviews(),
        drafts=wiring.drafts(),
        generations=wiring.generations(),
        verifications=wiring.verifications(),
        sandbox=wiring.sandbox(),
        audit=wiring.audit(),
        clock=wiring.clock(),
    )
    return verify_edit(VerifyEditTask.model_validate(event), deps=deps)
