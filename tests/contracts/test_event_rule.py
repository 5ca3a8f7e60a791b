"""Only modules published by a trusted account start generations."""

from typing import Any

import pytest
from moto.events.models import EventPattern

from tests.cloudformation import load_template
from tests.contracts import rendered_roles
from tests.contracts.rendered_roles import ACCOUNT, TEMPLATE, arn

PLATFORM, OTHER = "210987654321", "345678901234"


def accepts(account: str, **parameters: str) -> bool:
    start = load_template(TEMPLATE)["Resources"]["StartGenerationFunction"]["Properties"]
    given = start["Events"]["ModulePublished"]["Properties"]["Pattern"]
    pattern = EventPattern(None, rendered_roles.resolved(given, **parameters))
    event = {"source": "courses", "detail-type": "Module Published", "account": account}
    return bool(pattern.matches_event(event | {"detail": {}}))


@pytest.mark.parametrize(
    ("named", "account", "expected"),
    [
        ("", ACCOUNT, True),
        ("", PLATFORM, False),
        (PLATFORM, PLATFORM, True),
        (PLATFORM, ACCOUNT, True),
        (PLATFORM, OTHER, False),
        (f"{PLATFORM},{OTHER}", OTHER, True),
    ],
)
def test_events_of_other_accounts_start_nothing_unless_they_are_named(
    named: str, account: str, expected: bool
) -> None:
    assert accepts(account, PlatformAccountId=named) is expected


@pytest.mark.parametrize(
    ("role", "source", "detail_type"),
    [
        ("author_assignments", "coursewright", "Assignments Published"),
        ("request_generation", "courses", "Module Published"),
    ],
)
def test_each_announcement_has_one_source_and_one_type(
    role: str, source: str, detail_type: str
) -> None:
    roles = rendered_roles.roles()

    def may(**changes: str) -> bool:
        context: dict[str, Any] = {"events:source": source, "events:detail-type": detail_type}
        context |= {name.replace("_", ":", 1).replace("_", "-"): v for name, v in changes.items()}
        return roles.may(role, "events:PutEvents", arn("EventBus"), context)

    assert may()
    assert not may(events_source="aws.ec2")
    assert not may(events_source="coursewright" if source == "courses" else "courses")
    assert not may(events_detail_type="Anything Else")
    assert not roles.may(role, "events:PutEvents", arn("EventBus"))
