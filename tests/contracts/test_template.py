"""The template agrees with the code and gives each role only the permissions it needs."""

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest

from coursewright.settings import Settings
from tests.cloudformation import load_template
from tests.contracts.wiring_reader import settings_needed

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "template.yaml").read_text("utf-8")
TEMPLATE = load_template(ROOT / "template.yaml")
RESOURCES: dict[str, Any] = TEMPLATE["Resources"]
FUNCTIONS = {
    re.sub(r"(?<!^)([A-Z])", r"_\1", name.removesuffix("Function")).lower(): resource["Properties"]
    for name, resource in RESOURCES.items()
    if resource["Type"] == "AWS::Serverless::Function"
}
MACHINES = {
    "the state machine": RESOURCES["AuthorAssignments"]["Properties"],
    "the course machine": RESOURCES["AuthorCourse"]["Properties"],
}
MACHINE = MACHINES["the state machine"]
AGENTS = {
    **{"write_conditions": "conditions", "write_tests": "tests", "write_solution": "solution"},
    **{"write_hint": "hint", "solve_draft": "solver"},
}
WITHOUT_STATE = {
    "start_generation",
    "check_code",
    "show_review",
    "decide_review",
    "edit_draft",
    "verify_edit",
    "invite_reviewer",
    "sweep_reviews",
    "sweep_generations",
    "erase_reviewer",
    "erase_course",
    "export_assignments",
    "report_failure",
    "notify_chat",
}
AUTHORING = {"show_authoring", "request_generation", "request_export", "list_models"} | {
    "sign_in_author"
}
SIGNED_IN = AUTHORING - {"list_models"}
TABLE_READS = {"dynamodb:GetItem", "dynamodb:Query"}
TABLE_WRITES = {"dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"}
READS = TABLE_READS | {"s3:GetObject", "secretsmanager:GetSecretValue", "ssm:GetParameter"}
USUAL_VARIABLES = {"POWERTOOLS_SERVICE_NAME", "LOG_LEVEL", "STACK_NAME"}

Statement = dict[str, Any]


def statements(properties: dict[str, Any]) -> list[Statement]:
    """Return a role's policy statements, including those of shared policies."""
    policies = properties["Policies"] or []
    documents = policies if isinstance(policies, list) else [policies]
    return [statement for document in documents for statement in _document(document)["Statement"]]


def _document(policy: dict[str, Any]) -> dict[str, Any]:
    if "Ref" not in policy:
        return policy
    shared: dict[str, Any] = RESOURCES[policy["Ref"]]["Properties"]["PolicyDocument"]
    return shared


def actions(statement: Statement) -> set[str]:
    action = statement["Action"]
    return {action} if isinstance(action, str) else set(action)


def keys(statement: Statement) -> list[str]:
    condition: dict[str, Any] = statement.get("Condition", {})
    found: list[str] = condition.get("ForAllValues:StringLike", {}).get("dynamodb:LeadingKeys", [])
    return found


def may(properties: dict[str, Any], key: str) -> set[str]:
    """Return the actions that a role can perform in partitions of a kind."""
    return {
        action
        for statement in statements(properties)
        for leading in keys(statement)
        if leading.startswith(key)
        for action in actions(statement)
    }


def roles() -> dict[str, dict[str, Any]]:
    return FUNCTIONS | MACHINES


def variables(function: str) -> set[str]:
    environment: dict[str, Any] = FUNCTIONS[function].get("Environment", {})
    return {name.lower() for name in environment.get("Variables", {})}


def test_folders_template_and_events_contain_the_same_functions() -> None:
    folders = {path.parent.name for path in (ROOT / "functions").glob("*/app.py")}
    events = {path.parent.name for path in (ROOT / "events").glob("*/*.json")}

    assert folders == set(FUNCTIONS)
    assert events - {"module_published", "author_course"} == set(FUNCTIONS)


def test_every_function_serves_a_state_or_another_trigger() -> None:
    called = {
        re.sub(r"(?<!^)([A-Z])", r"_\1", name.removesuffix("Function")).lower()
        for name in MACHINE["DefinitionSubstitutions"]
        if name.endswith("Function")
    }

    assert set(FUNCTIONS) == called | WITHOUT_STATE | AUTHORING


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_is_a_documented_handler_in_the_folder_of_its_name(function: str) -> None:
    properties = FUNCTIONS[function]

    source = ast.parse((ROOT / "functions" / function / "app.py").read_text("utf-8"))

    assert properties["CodeUri"] == f"functions/{function}"
    assert properties["Description"].endswith(".")
    assert "FunctionName" not in properties
    assert "handler" in {node.name for node in source.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_gets_exactly_the_settings_that_it_reads(function: str) -> None:
    assert variables(function) == settings_needed(function)


def test_all_settings_are_given_to_some_function() -> None:
    given = set().union(*(variables(function) for function in FUNCTIONS))
    usual = set(TEMPLATE["Globals"]["Function"]["Environment"]["Variables"])

    assert given == set(Settings.model_fields)
    assert usual == USUAL_VARIABLES


@pytest.mark.parametrize("role", roles())
def test_a_role_touches_the_table_only_under_named_partitions(role: str) -> None:
    of_table = [
        each
        for each in statements(roles()[role])
        if any("dynamodb" in act for act in actions(each))
    ]

    for statement in of_table:
        assert actions(statement) <= TABLE_READS | TABLE_WRITES
        assert statement["Condition"]["Null"] == {"dynamodb:LeadingKeys": "false"}
        assert keys(statement)
        assert all(re.fullmatch(r"[A-Z]+#([a-z]+#)?\*", key) for key in keys(statement))


@pytest.mark.parametrize("role", roles())
def test_a_role_names_its_actions_and_resources(role: str) -> None:
    open_to_all = [
        statement["Sid"]
        for statement in statements(roles()[role])
        if json.dumps(statement["Resource"]) == '"*"'
    ]

    assert open_to_all == (["DeliverLogs"] if role in MACHINES else [])
    assert not any(
        "*" in act for statement in statements(roles()[role]) for act in actions(statement)
    )


def test_a_wildcard_resource_is_explained() -> None:
    lines = TEXT.splitlines()
    stars = [number for number, line in enumerate(lines) if line.strip() == 'Resource: "*"']

    for number in stars:
        start = max(at for at in range(number) if lines[at].strip().startswith("- Sid:"))
        assert lines[start - 1].strip().startswith("#")


def test_no_role_can_change_the_audit() -> None:
    allowed = set().union(*(may(properties, "AUDIT#") for properties in roles().values()))

    assert allowed == {"dynamodb:PutItem", "dynamodb:Query"}


def test_only_three_functions_touch_task_tokens() -> None:
    allowed = {role: may(properties, "TOKEN#") for role, properties in roles().items()}

    assert {role: what for role, what in allowed.items() if what} == {
        "request_review": {"dynamodb:PutItem"},
        "decide_review": {"dynamodb:GetItem"},
        "sweep_reviews": {"dynamodb:GetItem"},
    }


@pytest.mark.parametrize("agent", AGENTS)
def test_an_agent_writes_only_under_its_own_name(agent: str) -> None:
    writing = [
        statement for statement in statements(FUNCTIONS[agent]) if actions(statement) & TABLE_WRITES
    ]

    assert [keys(statement) for statement in writing] == [[f"AGENT#{AGENTS[agent]}#*"]]


@pytest.mark.parametrize("agent", AGENTS)
def test_an_agent_sends_no_email_no_event_and_no_task_result(agent: str) -> None:
    services = {
        act.split(":")[0]
        for statement in statements(FUNCTIONS[agent])
        for act in actions(statement)
    }

    assert services <= {"dynamodb", "s3", "secretsmanager", "ssm", "bedrock"}


def test_neither_agent_sees_the_other_part_of_a_draft() -> None:
    assert may(FUNCTIONS["write_tests"], "AGENT#solution#") == set()
    assert may(FUNCTIONS["write_solution"], "AGENT#tests#") == set()


def test_showing_a_review_writes_nothing() -> None:
    allowed = set().union(
        *(actions(statement) for statement in statements(FUNCTIONS["show_review"]))
    )

    assert allowed <= READS


def test_the_sandbox_has_no_permissions_and_no_settings() -> None:
    assert statements(FUNCTIONS["check_code"]) == []
    assert variables("check_code") == set()


def test_only_a_post_reaches_the_function_that_decides() -> None:
    routes = {
        function: {(event["Properties"]["Method"], event["Properties"]["Path"]) for event in events}
        for function, properties in FUNCTIONS.items()
        if (events := [e for e in properties.get("Events", {}).values() if e["Type"] == "HttpApi"])
    }

    assert routes == {
        "show_review": {
            (method, path)
            for method in ("GET", "HEAD")
            for path in ("/r/{link}", "/reviews/{generation}/{round}")
        }
        | {
            ("GET", "/reviews/{generation}/{round}/drafts/{place}"),
            ("GET", "/reviews/{generation}/{round}/fresh-link"),
            ("GET", "/reviews/{generation}/{round}/audit"),
            ("GET", "/reviews/{generation}/{round}/audit.json"),
            ("POST", "/reviews/{generation}/{round}/choices"),
        },
        "edit_draft": {("POST", "/reviews/{generation}/{round}/drafts/{place}")},
        "invite_reviewer": {
            ("POST", "/reviews/{generation}/{round}/reviewers"),
            ("POST", "/reviews/{generation}/{round}/fresh-link"),
            ("POST", "/reviews/{generation}/{round}"),
            ("POST", "/r/{link}"),
        },
        "decide_review": {("POST", "/reviews/{generation}/{round}/decision")},
        "show_authoring": {
            ("GET", path)
            for path in (
                "/authoring",
                "/authoring/new",
                "/authoring/months/{month}",
                "/authoring/generations/{generation}",
                "/authoring/generations/{generation}/exports/{format}",
                "/authoring/api/generations/{generation}",
            )
        },
        "sign_in_author": {
            ("GET", "/authoring/sign-in"),
            ("GET", "/authoring/callback"),
            ("GET", "/authoring/signed-out"),
            ("POST", "/authoring/sign-out"),
        },
        "request_generation": {
            ("POST", "/authoring/generations"),
            ("POST", "/authoring/api/generations"),
        },
        "request_export": {
            ("POST", "/authoring/generations/{generation}/export"),
            ("POST", "/authoring/api/generations/{generation}/exports/{format}"),
        },
    }


def test_the_authoring_pages_require_sign_in() -> None:
    authorizer = RESOURCES["AuthoringApi"]["Properties"]["Auth"]
    apis = {
        name: {event["Properties"]["ApiId"]["Ref"] for event in FUNCTIONS[name]["Events"].values()}
        for name in SIGNED_IN
    }
    conditions = {
        RESOURCES[name].get("Condition")
        for name in (
            *("AuthoringApi", "ShowAuthoringFunction"),
            *("RequestGenerationFunction", "RequestExportFunction", "SignInAuthorFunction"),
            *("AuthorKeysSecret", "SignInParameter", "SignInLayer"),
        )
    }

    assert authorizer["DefaultAuthorizer"] in authorizer["Authorizers"]
    assert apis == {name: {"AuthoringApi"} for name in SIGNED_IN}
    assert conditions == {"HasAuthoring"}


def test_only_programs_need_a_token_and_it_needs_the_scope_of_authors() -> None:
    auth = RESOURCES["AuthoringApi"]["Properties"]["Auth"]
    routes = {
        event["Properties"]["Path"]: event["Properties"].get("Auth")
        for name in SIGNED_IN
        for event in FUNCTIONS[name]["Events"].values()
    }

    (authorizer,) = auth["Authorizers"].values()
    assert authorizer["AuthorizationScopes"] == [{"Ref": "AuthorScope"}]
    assert {path for path, own in routes.items() if own is None} == {
        "/authoring/api/generations",
        "/authoring/api/generations/{generation}",
        "/authoring/api/generations/{generation}/exports/{format}",
    }
    assert all(own in (None, {"Authorizer": "NONE"}) for own in routes.values())


def test_only_the_sign_in_loads_openid_connect() -> None:
    loaded = {
        name
        for name, properties in FUNCTIONS.items()
        if {"Ref": "SignInLayer"} in properties.get("Layers", [])
    }

    assert loaded == {"sign_in_author"}


def test_showing_the_authoring_pages_writes_nothing() -> None:
    allowed = set().union(
        *(actions(statement) for statement in statements(FUNCTIONS["show_authoring"]))
    )

    assert allowed <= READS | {"lambda:InvokeFunction", "states:DescribeExecution"}


@pytest.mark.parametrize("machine", MACHINES.values(), ids=MACHINES)
def test_the_workflow_log_contains_no_data(machine: dict[str, Any]) -> None:
    assert machine["Logging"]["Level"] == "ALL"
    assert machine["Logging"]["IncludeExecutionData"] is False


def test_the_template_deploys_with_its_defaults() -> None:
    without = [
        name for name, parameter in TEMPLATE["Parameters"].items() if "Default" not in parameter
    ]

    assert without == []
