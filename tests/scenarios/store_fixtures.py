"""Records two unfinished executions with all their table items and bucket objects.

`python -m tests.scenarios.store_fixtures` records both again. The tests resume them in a fresh
deployment, because a redrive must depend on nothing but the stored records.
"""

import gzip
import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3

import tests.conftest  # noqa: F401 – sets the environment before any client is made
from coursewright import wiring
from coursewright.domain.draft_evidence import DraftEvidence
from coursewright.domain.edit import Edit, EditCheck
from coursewright.domain.review import Review, SavedSelection, display_names
from coursewright.settings import settings
from local.emulator.settings import environment
from local.practice.server import PracticeServer
from tests import aws
from tests.scenarios.actions import CAREFUL, QUICK, approve_all
from tests.workflow import moto_endings, moto_engine
from tests.workflow.conftest import Workflow

FOLDER = Path(__file__).parent / "stored"
HALF_DONE = FOLDER / "half_done.json.gz"
WAITING = FOLDER / "waiting_for_review.json.gz"
LAST = ("MODULE#", "COURSE#")  # partitions written only at the end of an execution
STOPPED_IN = "Verify draft"
THIRTY_YEARS = 30 * 365 * 24 * 3600  # a stored review must not expire


def record_half_done(practice: PracticeServer) -> dict[str, Any]:
    """Record an execution stopped in its second round, plus the last items from finishing it."""
    workflow = Workflow(practice)
    brief = {"models": [CAREFUL, QUICK], "cross_check": True, "hints": True}
    event = workflow.event("sql_joins", **brief)
    generation = workflow.publish(event)["generation"]
    _ask_for_changes(workflow, generation)
    stopped = state_of(workflow) | {"generation": generation}
    workflow.redrive()
    approve_all(workflow, mails=len(workflow.mails()) + 1)
    workflow.output()
    last = [item for item in workflow.items("") if item["PK"]["S"].startswith(LAST)]
    return stopped | {"last_items": last}


def record_waiting(practice: PracticeServer) -> dict[str, Any]:
    """Record an execution that has one draft and is waiting for its reviewer."""
    workflow = Workflow(practice)
    generation = workflow.publish(workflow.event(models=[QUICK]))["generation"]
    workflow.reviewer()
    moto_engine.settle()
    (draft,) = wiring.drafts().of_round(generation, 1)
    lesson = wiring.generations().get(generation).request.lesson
    recorded = {
        "generation": generation,
        "model": draft.model,
        "draft": draft.draft,
        "lesson": lesson.model_dump(mode="json"),
        "items": workflow.items(""),
        "objects": objects(),
    }
    workflow.end()
    return recorded


def state_of(workflow: Workflow) -> dict[str, Any]:
    """Return all data of a stopped execution and the point from which a redrive continues."""
    machine, state_input = moto_engine.redriven(workflow.definition, workflow.history())
    meta = next(item for item in workflow.items("GENERATION#") if item["SK"]["S"] == "META")
    identity = moto_engine.identities[workflow.execution]
    return {
        "identity": identity | {"StartTime": meta["started_at"]["S"]},
        "machine": json.loads(machine),
        "input": json.loads(state_input),
        "items": workflow.items(""),
        "objects": objects(),
    }


def _ask_for_changes(workflow: Workflow, generation: str) -> None:
    reviewer = workflow.reviewer()
    _edit(wiring.reviews().get(f"REVIEW#{generation}#1"))
    form = reviewer.open()
    with _stopped():
        reviewer.decide(form, "changes_requested", notes="Please write shorter texts.")
        workflow.wait()
        moto_engine.settle()


@contextmanager
def _stopped() -> Iterator[None]:
    def stop(execution: str) -> None:
        boto3.client("stepfunctions").stop_execution(executionArn=execution)

    moto_endings.after_work_of[STOPPED_IN] = stop
    try:
        yield
    finally:
        moto_endings.after_work_of.clear()


def _edit(review: Review) -> None:
    """Save an edit, its check, and a reviewer's selection."""
    name, drafts = review.generation, wiring.drafts()
    draft = drafts.of_round(name, 1)[0]
    tests = drafts.latest_tests(name, draft.draft, attempt=0)
    solution = drafts.latest_solution(name, draft.draft, attempt=0)
    found = wiring.verifications().get(name, draft.draft, 0)
    assert found is not None
    parts = DraftEvidence(draft=draft, tests=tests, solution=solution, verification=found).parts
    parts = parts.model_copy(update={"name": "Named by a teacher"})
    editor, now = next(iter(display_names(review))), wiring.clock().now()
    edit = Edit(draft=draft.draft, number=1, base=0, parts=parts, editor=editor, edited_at=now)
    reviews = wiring.reviews()
    reviews.save_edit(review.review, edit, now=now)
    check = EditCheck(draft=draft.draft, number=1, is_verified=True, evidence=found.evidence)
    reviews.save_check(review.review, check)
    reviews.save_selection(review.review, editor, SavedSelection(notes="Shorter, please."))


def objects() -> dict[str, str]:
    """Return all objects in the bucket as text."""
    s3, found = boto3.client("s3"), {}
    for entry in s3.list_objects_v2(Bucket=aws.BUCKET)["Contents"]:
        body = s3.get_object(Bucket=aws.BUCKET, Key=entry["Key"])["Body"].read()
        found[entry["Key"]] = body.decode()
    return found


def read(path: Path) -> dict[str, Any]:
    """Read a stored execution."""
    stored: dict[str, Any] = json.loads(gzip.decompress(path.read_bytes()))
    return stored


def put_back(stored: Mapping[str, Any]) -> None:
    """Write a stored execution's records into this deployment."""
    for item in stored["items"]:
        boto3.client("dynamodb").put_item(TableName=aws.TABLE, Item=item)
    for key, text in stored["objects"].items():
        boto3.client("s3").put_object(Bucket=aws.BUCKET, Key=key, Body=text.encode())


def main() -> int:
    """Record both executions."""
    moto_engine.patch_moto()
    recorders = {HALF_DONE: record_half_done, WAITING: record_waiting}
    with (
        PracticeServer(latency_factor=0) as practice,
        environment({"REVIEW_TIMEOUT_SECONDS": str(THIRTY_YEARS)}),
    ):
        for path, record in recorders.items():
            with aws.storage():
                settings.cache_clear()
                content = json.dumps(record(practice), indent=1).encode()
            path.write_bytes(gzip.compress(content, mtime=0))
    return 0


if __name__ == "__main__":
    sys.exit(main())
