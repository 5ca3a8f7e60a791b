"""The rendered policies match the permission table, which also detects mutated policies."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.contracts import rendered_roles
from tests.contracts.policy_table import AUDIT, KEYS, TABLE, rows
from tests.contracts.rendered_roles import Roles, Template

Statement = dict[str, Any]


@pytest.fixture(scope="module")
def roles() -> Roles:
    return rendered_roles.roles()


def test_the_permission_table_covers_every_role(roles: Roles) -> None:
    assert set(roles.documents) == set(TABLE)


def test_every_role_may_do_exactly_what_the_table_allows(
    roles: Roles, record_property: Callable[[str, object], None]
) -> None:
    asked = list(rows(roles))

    wrong = [f"{call.role}: {call.what}" for call in asked if call.expected != call.given]

    assert wrong == []
    allowed = sum(call.expected for call in asked)
    record_property("policy table", f"{allowed} allowed, {len(asked) - allowed} denied rows hold")


@pytest.mark.parametrize("role", TABLE)
def test_scenario_45_no_role_updates_or_deletes_an_audit_record(roles: Roles, role: str) -> None:
    changing = ("UpdateItem", "DeleteItem", "BatchWriteItem", "PartiQLDelete", "PartiQLUpdate")

    allowed = [action for action in changing if roles.may_key(role, f"dynamodb:{action}", AUDIT)]

    assert allowed == []


@pytest.mark.parametrize("agent", ["conditions", "tests", "solution"])
def test_scenario_19_an_agent_writes_nothing_but_its_own(roles: Roles, agent: str) -> None:
    writes = ("dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:Scan")

    written = {
        key for key in KEYS for action in writes if roles.may_key(f"write_{agent}", action, key)
    }

    assert written == {f"AGENT#{agent}#0f3a"}


def statement(template: Template, function: str, sid: str) -> Statement:
    properties = template["Resources"][function]["Properties"]
    given = properties.get("Policies") or properties["PolicyDocument"]
    documents = [
        policy for policy in (given if isinstance(given, list) else [given]) if "Ref" not in policy
    ]
    statements = [each for document in documents for each in document["Statement"]]
    found: Statement = next(each for each in statements if each["Sid"] == sid)
    return found


def keys(*patterns: str) -> Callable[[Statement], None]:
    """Return a mutation that allows access to different partitions."""

    def change(of: Statement) -> None:
        of["Condition"]["ForAllValues:StringLike"] = {"dynamodb:LeadingKeys": list(patterns)}

    return change


def more(*actions: str) -> Callable[[Statement], None]:
    """Return a mutation that allows additional actions."""

    def change(of: Statement) -> None:
        given = of["Action"]
        of["Action"] = [*([given] if isinstance(given, str) else given), *actions]

    return change


def resource(value: Any) -> Callable[[Statement], None]:
    def change(of: Statement) -> None:
        of["Resource"] = value

    return change


def no_guard(of: Statement) -> None:
    del of["Condition"]["Null"]


def any_value(of: Statement) -> None:
    of["Condition"]["ForAnyValue:StringLike"] = of["Condition"].pop("ForAllValues:StringLike")


def no_condition(of: Statement) -> None:
    del of["Condition"]


def denied(of: Statement) -> None:
    of["Effect"] = "Deny"


MUTANTS: list[tuple[str, str, Callable[[Statement], None]]] = [
    ("WriteTestsFunction", "StoreOwnRecords", keys("AGENT#*")),
    ("WriteTestsFunction", "StoreOwnRecords", keys("AGENT#tests*")),
    ("WriteSolutionFunction", "StoreOwnRecords", keys("AGENT#solution#*", "AGENT#tests#*")),
    ("WriteConditionsFunction", "ReadTask", keys("GENERATION#*")),
    ("WriteTestsFunction", "StoreOwnRecords", no_guard),
    ("WriteSolutionFunction", "StoreOwnRecords", any_value),
    ("DecideReviewFunction", "AppendAuditRecords", more("dynamodb:UpdateItem")),
    ("DecideReviewFunction", "AppendAuditRecords", denied),
    ("ShowReviewFunction", "ReadRound", more("dynamodb:UpdateItem")),
    ("CloseGenerationFunction", "ReadCalls", more("dynamodb:*")),
    ("CloseGenerationFunction", "CloseGenerations", keys("GENERATION#*", "TOKEN#*")),
    ("PublishAssignmentsFunction", "StoreAssignments", resource("*")),
    ("RequestReviewFunction", "SendEmail", no_condition),
    ("RequestReviewFunction", "ResumeExecutions", resource("*")),
    ("ModelCallPolicy", "ReadModelKeys", resource({"Ref": "LinkKeysSecret"})),
    ("WriteTestsFunction", "ReadTexts", resource({"Fn::Sub": "${ContentBucket.Arn}/*"})),
    ("AuthorAssignments", "InvokeFunctions", resource("*")),
    (
        "SweepReviewsFunction",
        "FindUndeliveredDecisions",
        resource({"Fn::Sub": "${Table.Arn}/index/*"}),
    ),
    ("SweepReviewsFunction", "ResumeExecutions", more("states:SendTaskFailure")),
]


@pytest.mark.parametrize(("function", "sid", "change"), MUTANTS)
def test_the_table_detects_a_mutated_template(
    function: str, sid: str, change: Callable[[Statement], None]
) -> None:
    mutant = rendered_roles.roles(lambda template: change(statement(template, function, sid)))

    assert any(row.expected != row.given for row in rows(mutant))


def test_the_table_detects_permissions_of_the_sandbox() -> None:
    def let_read(template: Template) -> None:
        properties = template["Resources"]["CheckCodeFunction"]["Properties"]
        policies = template["Resources"]["ShowReviewFunction"]["Properties"]["Policies"]
        properties["Policies"] = policies

    assert any(row.expected != row.given for row in rows(rendered_roles.roles(let_read)))
