"""Scenario 41: stored executions are resumed in a fresh deployment, using only their records."""

import ast
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest

from coursewright import adapters, wiring
from coursewright.domain.model_call import Agent, AnswerKey
from coursewright.domain.review import Decision, display_names
from tests import aws
from tests.scenarios import store_fixtures
from tests.scenarios.actions import approve_all
from tests.workflow.conftest import Workflow

STORED = store_fixtures.read(store_fixtures.HALF_DONE)
WAITING = store_fixtures.read(store_fixtures.WAITING)
GENERATION = STORED["generation"]
REVIEW = f"REVIEW#{GENERATION}#1"
ALL = [*STORED["items"], *STORED["last_items"]]
KEY_WORD = re.compile(r"(?:^|#)([A-Z]{3,})(?=#|$)")
SINGLE = {"META", "CAP", "CURRENT"}  # sort keys that consist of one word
FINISHED = datetime(2100, 1, 1, tzinfo=UTC)


def kind(item: dict[str, Any]) -> tuple[str, str]:
    """Return a record's kind, derived from the words in its keys."""
    sort = item["SK"]["S"].partition("#")[0]
    return item["PK"]["S"].partition("#")[0], sort if sort.isalpha() else ""


def words_of_adapters() -> set[str]:
    """Return all upper-case words in the keys that the adapters write."""
    found: set[str] = set()
    for path in Path(adapters.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                is_key = "#" in node.value or node.value in SINGLE
                found |= set(KEY_WORD.findall(node.value)) if is_key else set()
    return found


def draft() -> str:
    return str(wiring.drafts().of_round(GENERATION, 1)[0].draft)


def answers() -> list[Any]:
    """Read all stored answers by their keys."""
    found = []
    for item in ALL:
        if kind(item) == ("AGENT", "ANSWER"):
            agent = Agent(item["PK"]["S"].split("#")[1])
            _, model, number, step = item["SK"]["S"].split("#", 3)
            key = AnswerKey(
                agent=agent, generation=GENERATION, model=model, round=int(number), step=step
            )
            found.append(wiring.answers().accepted(key))
    return found


def selection() -> Any:
    review = wiring.reviews().get(REVIEW)
    return wiring.reviews().selection(REVIEW, next(iter(display_names(review)))).notes


def was_mailed() -> bool:
    (key,) = (record["SK"]["S"] for record in ALL if kind(record)[1] == "MAIL")
    _, reviewer, reminder = key.split("#")
    return wiring.mailbox().is_sent(REVIEW, reviewer, int(reminder))


def assignments() -> Any:
    (first, *_) = (record for record in ALL if kind(record)[0] == "MODULE")
    _, course, module = first["PK"]["S"].split("#")
    (found, *_) = wiring.assignments().of_module(course, module)
    return wiring.assignments().find(found.assignment)


def raw(partition: str, sort: str) -> Any:
    """Read a record that the adapters compare and update but never read."""
    return wiring.table().get(partition, sort)


def access() -> bool:
    stored = next(record for record in ALL if kind(record) == ("REVIEW", "ACCESS"))
    read = wiring.reviews().access(stored["PK"]["S"], stored["SK"]["S"].partition("#")[2])
    return bool(str(read.attempts) == stored["attempts"]["N"])


READERS: dict[tuple[str, str], Callable[[], Any]] = {
    ("AGENT", "ANSWER"): lambda: all(answers()),
    ("AGENT", "CALL"): lambda: all(wiring.answers().calls(agent, GENERATION) for agent in Agent),
    ("AGENT", "DRAFT"): lambda: wiring.drafts().get(GENERATION, draft()),
    ("AGENT", "HINT"): lambda: wiring.drafts().hint(GENERATION, draft()),
    ("AGENT", "SOLUTION"): lambda: wiring.drafts().solutions_of_round(GENERATION, 1),
    ("AGENT", "TESTS"): lambda: wiring.drafts().tests_of_round(GENERATION, 1),
    ("AUDIT", ""): lambda: wiring.audit().entries(GENERATION),
    ("BUDGET", "CAP"): lambda: raw(budget_partition(), "CAP")["reserved"],
    ("BUDGET", "RESERVED"): lambda: raw(budget_partition(), f"RESERVED#{GENERATION}")["amount"],
    ("COURSE", "NOTE"): lambda: wiring.reviews().course_notes(course(), before=FINISHED),
    ("GENERATION", "COST"): lambda: cost()["micros"],
    ("GENERATION", "CROSSCHECK"): lambda: wiring.verifications().cross_checks(GENERATION, 1),
    ("GENERATION", "LEAGUE"): lambda: wiring.verifications().league(GENERATION, 1),
    ("GENERATION", "PROMPTS"): lambda: all(built_prompts()),
    ("GENERATION", "META"): lambda: wiring.generations().get(GENERATION),
    ("GENERATION", "VERIFICATION"): lambda: wiring.verifications().get(GENERATION, draft(), 0),
    ("MODULE", "ASSIGNMENT"): assignments,
    ("REVIEW", "ACCESS"): access,
    ("REVIEW", "CERTIFICATE"): lambda: wiring.verifications().certificates(GENERATION, 1),
    ("REVIEW", "CHECKED"): lambda: wiring.reviews().edits(wiring.reviews().get(REVIEW))[0].check,
    ("REVIEW", "EDIT"): lambda: wiring.reviews().edits(wiring.reviews().get(REVIEW))[0].parts,
    ("REVIEW", "MAIL"): was_mailed,
    ("REVIEW", "SELECTION"): selection,
    ("REVIEW", "META"): lambda: wiring.reviews().get(REVIEW).notes,
    ("TOKEN", "CURRENT"): lambda: raw(f"TOKEN#{GENERATION}#1", "CURRENT")["task_token"],
}


def budget_partition() -> str:
    return str(next(record["PK"]["S"] for record in ALL if kind(record) == ("BUDGET", "CAP")))


def course() -> str:
    return wiring.generations().get(GENERATION).request.course.id


def built_prompts() -> list[str | None]:
    key = next(record["SK"]["S"] for record in ALL if kind(record) == ("GENERATION", "PROMPTS"))
    stored = json.loads(raw(f"GENERATION#{GENERATION}", key)["built_prompts"])
    return [wiring.built_prompts().read(sha256) for sha256 in stored]


def cost() -> Any:
    key = next(record["SK"]["S"] for record in ALL if kind(record) == ("GENERATION", "COST"))
    return json.loads(raw(f"GENERATION#{GENERATION}", key)["cost"])


@pytest.fixture
def restored(workflow: Workflow) -> Workflow:
    """Return a fresh deployment that contains the stored records."""
    store_fixtures.put_back(STORED)
    return workflow


def test_every_kind_of_record_is_stored_and_read() -> None:
    items = [*ALL, *WAITING["items"]]
    stored = {word for item in items for value in item.values() for word in words_in(value)}

    assert words_of_adapters() - stored == set()
    assert {kind(item) for item in items} == set(READERS)


def words_in(value: dict[str, Any]) -> list[str]:
    return KEY_WORD.findall(value["S"]) if "S" in value and len(value["S"]) < 300 else []


@pytest.mark.usefixtures("restored")
def test_scenario_41_stored_records_are_read_by_every_adapter() -> None:
    put(STORED["last_items"])

    unread = [of for of, reader in READERS.items() if not reader()]

    assert unread == []


@pytest.mark.usefixtures("restored")
def test_scenario_41_a_stored_review_is_found_when_it_is_due() -> None:
    put(WAITING["items"])

    due = wiring.reviews().list_overdue(now=FINISHED)

    assert [record.generation for record in due] == [WAITING["generation"]]


def put(items: list[dict[str, Any]]) -> None:
    for item in items:
        boto3.client("dynamodb").put_item(TableName=aws.TABLE, Item=item)


def test_scenario_41_a_stored_execution_that_was_stopped_is_finished(restored: Workflow) -> None:
    answered = {place(item): item for item in restored.items("AGENT#")}
    first_review = [item for item in restored.items(REVIEW) if item["SK"]["S"] == "META"]

    restored.resume(json.dumps(STORED["machine"]), json.dumps(STORED["input"]), STORED["identity"])
    approve_all(restored)

    assert restored.output()["status"] == "published"
    assert {at: record for at, record in each(restored).items() if at in answered} == answered
    assert [item for item in restored.items(REVIEW) if item["SK"]["S"] == "META"] == first_review
    assert wiring.reviews().get(REVIEW).decision is Decision.CHANGES_REQUESTED
    assert set(restored.paid().values()) == {1}
    assert len(restored.mails()) == 1
    assert len(restored.items("MODULE#")) == len(
        [record for record in ALL if kind(record)[0] == "MODULE"]
    )


def place(item: dict[str, Any]) -> tuple[str, str]:
    return item["PK"]["S"], item["SK"]["S"]


def each(workflow: Workflow) -> dict[tuple[str, str], Any]:
    return {place(item): item for item in workflow.items("AGENT#")}
