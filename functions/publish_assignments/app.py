"""Publishes the approved drafts as assignments."""

from typing import Any

from coursewright import wiring
from coursewright.observability import logged, measure
from coursewright.steps.publish_assignments import (
    PublishAssignmentsDeps,
    PublishTask,
    publish_assignments,
)


@logged
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Handle the `Publish assignments` state."""
    deps = PublishAssignmentsDeps(
        generations=wiring.generations(),
        drafts=wiring.drafts(),
        verifications=wiring.verifications(),
        reviews=wiring.reviews(),
        assignments=wiring.assignments(),
        audit=wiring.audit(),
        clock=wiring.clock(),
    )
    published = publish_assignments(PublishTask.model_validate(event), deps=deps)
    measure("AssignmentsApproved", len(published["assignments"]))
    return published
