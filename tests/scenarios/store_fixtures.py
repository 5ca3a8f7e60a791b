"""Writes down a run that broke off half way, and every kind of record it left.

`python -m tests.scenarios.store_fixtures` renews the file; a test reads what is stored, so the
records of an earlier deployment stay readable until somebody decides that they need not be.
"""

import gzip
import json
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3

import tests.conftest  # noqa: F401 – its environment, before any client is made
from coursewright import wiring
from coursewright.domain.draft_evidence import DraftEvidence
from coursewright.domain.edit import Edit, EditCheck
from coursewright.domain.review import Review, SavedSelection, display_names
from coursewright.settings import settings
from local.practice.server import PracticeServer
from tests import aws
from tests.scenarios.actions import CAREFUL, QUICK, approve_all
from tests.workflow import moto_endings, moto_engine
from tests.workflow.conftest import Workflow

HALF_DONE = Path(__file__).parent / "stored" / "half_done.json.gz"
LAST = ("MODULE#", "COURSE#")  # what only the end of a run writes
BROKEN_IN = "Verify draft"
QUIET_SECONDS = 2.0


def record(practice: PracticeServer) -> dict[str, Any]:
    """Play a run into its second round, break it off there, and finish it for what comes last."""
    workflow = Workflow(practice)
    brief = {"models": [CAREFUL, QUICK], "cross_check": True, "hints": True}
    event = workflow.event("sql_joins", **brief)
    generation = workflow.publish(event)["generation"]
    _ask_for_changes(workflow, generation)
    broken = state_of(workflow) | {"generation": generation}
    workflow.redrive()
    approve_all(workflow, mails=len(workflow.mails()) + 1)
    workflow.output()
    last = [one for one in workflow.items("") if one["PK"]["S"].startswith(LAST)]
    return broken | {"last_items": last}


def state_of(workflow: Workflow) -> dict[str, Any]:
    """Return all that is left of a run that ended early."""
    machine, state_input = moto_engine.redriven(workflow.definition, workflow.history())
    meta = next(one for one in workflow.items("GENERATION#") if one["SK"]["S"] == "META")
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
    with _broken_off():
        reviewer.decide(form, "changes_requested", notes="Please write shorter texts.")
        workflow.wait()
        _let_others_end(workflow)


@contextmanager
def _broken_off() -> Iterator[None]:
    def stop(execution: str) -> None:
        boto3.client("stepfunctions").stop_execution(executionArn=execution)

    moto_endings.after_work_of[BROKEN_IN] = stop
    try:
        yield
    finally:
        moto_endings.after_work_of.clear()


def _let_others_end(workflow: Workflow) -> None:
    before = -1
    while before != (before := workflow.invocations().total()):
        time.sleep(QUIET_SECONDS)


def _edit(review: Review) -> None:
    """Change a draft, have it checked, and mark it."""
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
    """Return the bucket's objects as text."""
    s3, found = boto3.client("s3"), {}
    for one in s3.list_objects_v2(Bucket=aws.BUCKET)["Contents"]:
        body = s3.get_object(Bucket=aws.BUCKET, Key=one["Key"])["Body"].read()
        found[one["Key"]] = body.decode()
    return found


def read() -> dict[str, Any]:
    """Return the stored run."""
    stored: dict[str, Any] = json.loads(gzip.decompress(HALF_DONE.read_bytes()))
    return stored


def put_back(stored: Mapping[str, Any]) -> None:
    """Put a run's records where they were."""
    for item in stored["items"]:
        boto3.client("dynamodb").put_item(TableName=aws.TABLE, Item=item)
    for key, text in stored["objects"].items():
        boto3.client("s3").put_object(Bucket=aws.BUCKET, Key=key, Body=text.encode())


def main() -> int:
    """Renew the file."""
    moto_engine.patch_moto()
    with PracticeServer(latency_factor=0) as practice, aws.storage():
        settings.cache_clear()
        stored = record(practice)
    HALF_DONE.write_bytes(gzip.compress(json.dumps(stored, indent=1).encode(), mtime=0))
    return 0


if __name__ == "__main__":
    sys.exit(main())
