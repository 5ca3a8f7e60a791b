"""The permissions of every role, written by hand rather than derived from the template."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tests.contracts.rendered_roles import (
    ACCOUNT,
    CHAT_SECRET,
    CLIENT_SECRET,
    REGION,
    STACK,
    Roles,
    arn,
)

LETTERS = {
    "G": "dynamodb:GetItem",
    "Q": "dynamodb:Query",
    "P": "dynamodb:PutItem",
    "U": "dynamodb:UpdateItem",
    "D": "dynamodb:DeleteItem",
}
NEVER = (
    "dynamodb:Scan",
    "dynamodb:BatchWriteItem",
    "dynamodb:PartiQLUpdate",
    "dynamodb:UpdateTable",
)
GENERATION, REVIEW, BUDGET = "GENERATION#0f3a", "REVIEW#0f3a#1", "BUDGET#202601"
COURSE_BUDGET = "BUDGET#course#basics-1"
TOKEN, AUDIT, MODULE = "TOKEN#0f3a#1", "AUDIT#0f3a", "MODULE#basics#loops"
CONDITIONS, TESTS, SOLUTION = "AGENT#conditions#0f3a", "AGENT#tests#0f3a", "AGENT#solution#0f3a"
SOLVER, HINT = "AGENT#solver#0f3a", "AGENT#hint#0f3a"
COURSE = "COURSE#basics"
KEYS = (
    *(GENERATION, REVIEW, BUDGET, TOKEN, AUDIT, MODULE, COURSE),
    *(CONDITIONS, TESTS, SOLUTION, SOLVER, HINT, COURSE_BUDGET),
)
NEIGHBOURS = (
    "AGENT#testsX#0f3a",
    "AGENT#conditionsX#0f3a",
    "AGENT#solutionX#0f3a",
    "AGENT#0f3a",
    "AGENTS#tests#0f3a",
    "GENERATIONX#0f3a",
    "XGENERATION#0f3a",
    "REVIEWX#0f3a#1",
    "AUDITX#0f3a",
    "TOKENX#0f3a",
    "BUDGETX#202601",
    "BUDGETX#course#basics-1",
    "MODULEX#basics",
    "COURSEX#basics",
    "audit#0f3a",
)
ROUND = {GENERATION: "GQ", CONDITIONS: "GQ", TESTS: "GQ", SOLUTION: "GQ", HINT: "GQ", REVIEW: "GQ"}
CALLS = {CONDITIONS: "Q", TESTS: "Q", SOLUTION: "Q", SOLVER: "Q", HINT: "Q"}

TABLE: dict[str, dict[str, str]] = {
    "report_failure": {},
    "notify_chat": {},
    "start_generation": {GENERATION: "G", COURSE_BUDGET: "GPU", AUDIT: "P"},
    "build_prompts": {GENERATION: "GP", REVIEW: "G", CONDITIONS: "Q", COURSE: "Q"},
    "reserve_budget": {GENERATION: "G", BUDGET: "GPU", COURSE_BUDGET: "GPU"},
    "write_conditions": {
        **{GENERATION: "G", REVIEW: "G", CONDITIONS: "GQPU"},
        **{COURSE: "Q", MODULE: "Q"},
    },
    "write_tests": {GENERATION: "G", CONDITIONS: "G", TESTS: "GQPU"},
    "write_solution": {GENERATION: "G", CONDITIONS: "G", SOLUTION: "GQPU"},
    "verify_draft": {GENERATION: "GP", CONDITIONS: "G", TESTS: "G", SOLUTION: "G"},
    "check_code": {},
    "write_hint": {GENERATION: "G", CONDITIONS: "G", SOLUTION: "G", HINT: "GQPU"},
    "solve_draft": {GENERATION: "G", CONDITIONS: "G", SOLVER: "GQPU"},
    "cross_check_draft": {GENERATION: "GP"}
    | {CONDITIONS: "G", TESTS: "G", SOLUTION: "G", SOLVER: "G"},
    "compare_models": CALLS | {GENERATION: "GQP"},
    "open_review": ROUND | {REVIEW: "GQP", AUDIT: "P", MODULE: "GQ"},
    "request_review": ROUND | {REVIEW: "GQPU", TOKEN: "P", AUDIT: "P"},
    "expire_review": {REVIEW: "GU", AUDIT: "P"},
    "publish_assignments": ROUND | {MODULE: "P", AUDIT: "P"},
    "close_generation": CALLS
    | {GENERATION: "GU", BUDGET: "GU", COURSE_BUDGET: "GU", REVIEW: "G", COURSE: "P"},
    "show_review": ROUND | {AUDIT: "Q"},
    "invite_reviewer": ROUND | {REVIEW: "GQPU", AUDIT: "PQ"},
    "decide_review": ROUND | {REVIEW: "GQU", AUDIT: "PQ", TOKEN: "G"},
    "edit_draft": ROUND | {REVIEW: "GQPU", AUDIT: "PQ"},
    "verify_edit": ROUND | {REVIEW: "GQPU", AUDIT: "P"},
    "sweep_reviews": {REVIEW: "GU", TOKEN: "G", AUDIT: "P"},
    "sweep_generations": {GENERATION: "GU", AUDIT: "P"},
    "list_models": {},
    "sign_in_author": {},
    "show_authoring": CALLS | {GENERATION: "GQ", REVIEW: "GQ", TESTS: "GQ", SOLUTION: "GQ"},
    "request_generation": {},
    "request_export": {},
    "export_assignments": {GENERATION: "G", MODULE: "GQ", AUDIT: "P"},
    "erase_reviewer": {GENERATION: "GU", REVIEW: "QUD", MODULE: "QU", COURSE: "QUD"},
    "erase_course": {
        **dict.fromkeys((REVIEW, MODULE, COURSE, CONDITIONS, TESTS, SOLUTION, SOLVER, HINT), "QD"),
        GENERATION: "GQD",
    },
    "author_assignments": {GENERATION: "P", REVIEW: "G"},
    "author_course": {},
}
INDEXES: dict[str, set[tuple[str, str]]] = {
    "sweep_reviews": {("GSI1", "REVIEWS#undelivered")},
    "sweep_generations": {("GSI2", "GENERATIONS#2026-01")},
    "export_assignments": {("GSI1", "ASSIGNMENT#0f3a")},
    "erase_reviewer": {("GSI2", "GENERATIONS#2026-01")},
    "erase_course": {("GSI2", "GENERATIONS#2026-01")},
    "show_authoring": {("GSI2", "GENERATIONS#2026-01")},
}
INDEX_KEYS = (
    ("GSI1", "REVIEWS#undelivered"),
    ("GSI1", "ASSIGNMENT#0f3a"),
    ("GSI2", "REVIEWS#undelivered"),
    ("GSI2", "GENERATIONS#2026-01"),
    ("GSI1", "TOKEN#0f3a#1"),
)


@dataclass(frozen=True)
class OutsideAction:
    """An action on a resource other than the table."""

    action: str
    resource: str
    context: tuple[tuple[str, str], ...] = ()


def _content(key: str) -> str:
    return f"{arn('ContentBucket')}/{key}"


MACHINE = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{STACK}-author-assignments"
RUN = f"{MACHINE.replace('stateMachine', 'execution')}:loops-0f3a"
COURSE_MACHINE = MACHINE.replace("assignments", "course")
COURSE_RUN = f"{COURSE_MACHINE.replace('stateMachine', 'execution')}:basics"
MODULE_RUN = f"{COURSE_MACHINE.replace('stateMachine', 'execution')}/Modules:0f3a"
MODEL = f"arn:aws:bedrock:{REGION}::foundation-model/some.model"
IDENTITY = f"arn:aws:ses:{REGION}:{ACCOUNT}:identity/example.edu"
PARAMETER = f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/{STACK}/models"
SIGN_IN = PARAMETER.replace("/models", "/sign-in")
LOGS = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/lambda/{STACK}:log-stream:x"
OURS, THEIRS = "coursewright@example.edu", "dean@example.edu"

DEEDS: dict[str, OutsideAction] = {
    "alert operators": OutsideAction("sns:Publish", arn("AlarmTopic")),
    "publish notifications": OutsideAction("sns:Publish", arn("NotificationTopic")),
    "read the chat's webhook": OutsideAction("secretsmanager:GetSecretValue", CHAT_SECRET),
    "log": OutsideAction("logs:PutLogEvents", LOGS),
    "trace": OutsideAction("xray:PutTraceSegments", "*"),
    "read lessons": OutsideAction("s3:GetObject", _content("lessons/a.html")),
    "store lessons": OutsideAction("s3:PutObject", _content("lessons/a.html")),
    "read uploads": OutsideAction("s3:GetObject", _content("uploads/a.html")),
    "store prompts": OutsideAction("s3:PutObject", _content("prompts/a.md")),
    "read prompts": OutsideAction("s3:GetObject", _content("prompts/a.md")),
    "store built prompts": OutsideAction("s3:PutObject", _content("prompts/built/a.md")),
    "read built prompts": OutsideAction("s3:GetObject", _content("prompts/built/a.md")),
    "read bodies": OutsideAction("s3:GetObject", _content("bodies/a.json")),
    "store bodies": OutsideAction("s3:PutObject", _content("bodies/a.json")),
    "store publications": OutsideAction("s3:PutObject", _content("publications/a.json")),
    "store exports": OutsideAction("s3:PutObject", _content("exports/a/moodle.xml")),
    "read exports": OutsideAction("s3:GetObject", _content("exports/a/moodle.xml")),
    "read link keys": OutsideAction("secretsmanager:GetSecretValue", arn("LinkKeysSecret")),
    "read model keys": OutsideAction("secretsmanager:GetSecretValue", arn("ModelKeysSecret")),
    "read author keys": OutsideAction("secretsmanager:GetSecretValue", arn("AuthorKeysSecret")),
    "read the client secret": OutsideAction("secretsmanager:GetSecretValue", CLIENT_SECRET),
    "read the sign-in": OutsideAction("ssm:GetParameter", SIGN_IN),
    "read models": OutsideAction("ssm:GetParameter", PARAMETER),
    "invoke a model": OutsideAction("bedrock:InvokeModel", MODEL),
    "start executions": OutsideAction("states:StartExecution", MACHINE),
    "start module executions": OutsideAction("states:StartExecution", COURSE_MACHINE),
    "describe course executions": OutsideAction("states:DescribeExecution", COURSE_RUN),
    "stop a module execution": OutsideAction("states:StopExecution", MODULE_RUN),
    "redrive a module execution": OutsideAction("states:RedriveExecution", MODULE_RUN),
    "redrive executions": OutsideAction("states:RedriveExecution", RUN),
    "invoke start_generation": OutsideAction(
        "lambda:InvokeFunction", arn("StartGenerationFunction")
    ),
    "store course reports": OutsideAction("s3:PutObject", _content("courses/a/manifest.json")),
    "resume executions": OutsideAction("states:SendTaskSuccess", MACHINE),
    "send email": OutsideAction("ses:SendEmail", IDENTITY, (("ses:FromAddress", OURS),)),
    "invoke the sandbox": OutsideAction("lambda:InvokeFunction", arn("CheckCodeFunction")),
    "invoke an agent": OutsideAction("lambda:InvokeFunction", arn("WriteTestsFunction")),
    "publish any event": OutsideAction("events:PutEvents", arn("EventBus")),
    "announce assignments": OutsideAction(
        "events:PutEvents",
        arn("EventBus"),
        (("events:source", "coursewright"), ("events:detail-type", "Assignments Published")),
    ),
    "publish a module": OutsideAction(
        "events:PutEvents",
        arn("EventBus"),
        (("events:source", "courses"), ("events:detail-type", "Module Published")),
    ),
    "list models": OutsideAction("lambda:InvokeFunction", arn("ListModelsFunction")),
    "start edit verification": OutsideAction("lambda:InvokeFunction", arn("VerifyEditFunction")),
    "invoke the exporter": OutsideAction("lambda:InvokeFunction", arn("ExportAssignmentsFunction")),
    "store uploads": OutsideAction("s3:PutObject", _content("uploads/a.html")),
    "describe executions": OutsideAction("states:DescribeExecution", RUN),
    "read execution histories": OutsideAction("states:GetExecutionHistory", RUN),
    "send a dead letter": OutsideAction("sqs:SendMessage", arn("StartDeadLetterQueue")),
    "send email as another sender": OutsideAction(
        "ses:SendEmail", IDENTITY, (("ses:FromAddress", THEIRS),)
    ),
    "resume executions of another machine": OutsideAction("states:SendTaskSuccess", f"{MACHINE}-2"),
    "fail executions": OutsideAction("states:SendTaskFailure", MACHINE),
    "stop executions": OutsideAction(
        "states:StopExecution", MACHINE.replace("stateMachine", "execution")
    ),
    "delete lessons": OutsideAction("s3:DeleteObject", _content("lessons/a.html")),
    "delete uploads": OutsideAction("s3:DeleteObject", _content("uploads/a.html")),
    "delete prompts": OutsideAction("s3:DeleteObject", _content("prompts/a.md")),
    "delete answers": OutsideAction("s3:DeleteObject", _content("answers/a.txt")),
    "delete bodies": OutsideAction("s3:DeleteObject", _content("bodies/a.json")),
    "delete publications": OutsideAction("s3:DeleteObject", _content("publications/a.json")),
    "delete versions": OutsideAction("s3:DeleteObjectVersion", _content("lessons/a.html")),
    "read publications": OutsideAction("s3:GetObject", _content("publications/a.json")),
    "list missing publications": OutsideAction(
        "s3:ListBucket", arn("ContentBucket"), (("s3:prefix", "publications/a.json"),)
    ),
    "list exports": OutsideAction(
        "s3:ListBucket", arn("ContentBucket"), (("s3:prefix", "exports/"),)
    ),
    "read everything": OutsideAction("s3:GetObject", _content("elsewhere/a.json")),
    "list the bucket": OutsideAction("s3:ListBucket", arn("ContentBucket")),
    "change models": OutsideAction("ssm:PutParameter", PARAMETER),
    "change keys": OutsideAction("secretsmanager:PutSecretValue", arn("LinkKeysSecret")),
    "pass a role": OutsideAction("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/any"),
    "assume a role": OutsideAction("sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/any"),
    "change code": OutsideAction("lambda:UpdateFunctionCode", arn("CheckCodeFunction")),
}
AGENT = {"read lessons", "read bodies", "store bodies", "store prompts", "read models"} | {
    "read model keys",
    "invoke a model",
    "store built prompts",
}
ALLOWED_DEEDS: dict[str, set[str]] = {
    "report_failure": {"describe executions", "describe course executions", "alert operators"},
    "notify_chat": {"read the chat's webhook"},
    "start_generation": {
        "store lessons",
        "read uploads",
        "read models",
        "start executions",
        "send a dead letter",
    },
    "build_prompts": {"read lessons", "read bodies", "read models", "store built prompts"},
    "reserve_budget": {"read models"},
    "write_conditions": AGENT | {"read built prompts"},
    "write_tests": AGENT | {"read built prompts"},
    "write_solution": AGENT | {"read built prompts"},
    "verify_draft": {"read bodies", "read lessons", "store bodies", "invoke the sandbox"},
    "write_hint": AGENT - {"read lessons"},
    "solve_draft": AGENT - {"read lessons"},
    "cross_check_draft": {"read bodies", "store bodies", "invoke the sandbox"},
    "check_code": set(),
    "compare_models": {"read bodies", "read models"},
    "open_review": {"read bodies", "store bodies"},
    "request_review": {
        "read bodies",
        "read link keys",
        "resume executions",
        "send email",
        "publish notifications",
    },
    "expire_review": {"read bodies"},
    "publish_assignments": {"read bodies", "store bodies", "store publications"},
    "close_generation": {"read bodies", "read models", "publish notifications"},
    "show_review": {"read bodies", "read lessons", "read link keys"},
    "decide_review": {"read bodies", "read lessons", "read link keys", "resume executions"},
    "invite_reviewer": {"read bodies", "read lessons", "read link keys", "send email"},
    "edit_draft": {"read bodies", "store bodies", "read link keys", "start edit verification"},
    "verify_edit": {"read bodies", "store bodies", "invoke the sandbox"},
    "sweep_reviews": {"read bodies", "resume executions"},
    "sweep_generations": {"start executions", "describe executions"},
    "export_assignments": {"read bodies", "store exports", "read exports"},
    "list_models": {"read models", "read model keys"},
    "sign_in_author": {"read author keys", "read the client secret", "read the sign-in"},
    "show_authoring": {"read bodies", "read models", "list models", "describe executions"}
    | {"read exports", "read author keys"},
    "request_generation": {"read uploads", "store uploads", "publish a module", "read models"}
    | {"list models", "read author keys"},
    "request_export": {"invoke the exporter", "read author keys"},
    "erase_reviewer": {"read bodies", "store bodies", "delete bodies"}
    | {"read publications", "store publications", "list missing publications"}
    | {"read exports", "store exports", "list exports"},
    "erase_course": {"delete lessons", "delete uploads", "delete prompts", "delete answers"}
    | {"delete bodies", "delete publications"},
    "author_assignments": {"invoke an agent", "announce assignments"},
    "author_course": {"read uploads", "store course reports", "start module executions"}
    | {"stop a module execution", "redrive a module execution", "invoke start_generation"},
}


@dataclass(frozen=True)
class Row:
    """A request to IAM and the expected decision."""

    role: str
    what: str
    expected: bool
    given: bool


def rows(roles: Roles) -> Iterator[Row]:
    """Yield all rows of the permission table."""
    for role in TABLE:
        yield from _partition_rows(roles, role)
        yield from _index_rows(roles, role)
        yield from _outside_rows(roles, role)


def _partition_rows(roles: Roles, role: str) -> Iterator[Row]:
    allowed: Mapping[str, str] = TABLE[role]
    foreign = arn("Table").replace("/Table", "/AnotherTable")
    for action in (*LETTERS.values(), *NEVER):
        for key in (*KEYS, *NEIGHBOURS):
            expected = action in {LETTERS[letter] for letter in allowed.get(key, "")}
            yield Row(role, f"{action} {key}", expected, roles.may_key(role, action, key))
            given = roles.may_key(role, action, key, "AUDITX#0f3a")
            yield Row(role, f"{action} {key} with a foreign key", False, given)
        yield Row(role, f"{action} without a key", False, roles.may_key(role, action))
        given = any(roles.may_key(role, action, key, resource=foreign) for key in KEYS)
        yield Row(role, f"{action} in another table", False, given)


def _index_rows(roles: Roles, role: str) -> Iterator[Row]:
    for index, key in INDEX_KEYS:
        expected = (index, key) in INDEXES.get(role, set())
        place = f"{arn('Table')}/index/{index}"
        given = roles.may_key(role, "dynamodb:Query", key, resource=place)
        yield Row(role, f"Query {index} {key}", expected, given)


def _outside_rows(roles: Roles, role: str) -> Iterator[Row]:
    everybody = set() if role in ("author_assignments", "author_course") else {"log"}
    for name, deed in DEEDS.items():
        expected = name in ALLOWED_DEEDS[role] | everybody
        given = roles.may(role, deed.action, deed.resource, dict(deed.context))
        yield Row(role, name, expected, given)
