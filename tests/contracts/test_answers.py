"""The replay ledger has one lease at a time, one accepted answer, and all paid calls."""

from datetime import timedelta

import boto3
import pytest

from coursewright.adapters.answers import DynamoAnswers
from coursewright.adapters.blob_store import BlobStore, TextStore
from coursewright.adapters.email import SesMailbox
from coursewright.adapters.table import Table
from coursewright.domain.base import text_sha256
from coursewright.domain.errors import ModelCallInFlight
from coursewright.domain.model_call import Agent, CallOutcome
from coursewright.ports.agents import Answers
from tests import aws
from tests.contracts.records import GENERATION, NOW, answer, answer_key, call
from tests.fakes.memory_agents import MemoryAnswers

KEY = answer_key()
UNTIL = NOW + timedelta(seconds=300)


def on_table(table: Table, blobs: BlobStore) -> DynamoAnswers:
    texts = TextStore(boto3.client("s3"), aws.BUCKET, "texts", ".txt")
    return DynamoAnswers(table, blobs, prompts=texts, responses=texts)


@pytest.fixture(params=["memory", "dynamodb"])
def answers(request: pytest.FixtureRequest) -> Answers:
    if request.param == "memory":
        return MemoryAnswers()
    return on_table(request.getfixturevalue("table"), request.getfixturevalue("blobs"))


def test_an_accepted_answer_is_returned(answers: Answers) -> None:
    answers.start(KEY, lease="a", now=NOW, until=UNTIL)
    answers.accept(KEY, answer(), lease="a")

    assert answers.accepted(KEY) == answer()
    assert answers.accepted(answer_key("other")) is None
    assert answers.calls(Agent.CONDITIONS, GENERATION) == (call(),)


def test_a_call_in_flight_has_no_answer(answers: Answers) -> None:
    answers.start(KEY, lease="a", now=NOW, until=UNTIL)

    assert answers.accepted(KEY) is None


def test_a_second_call_is_refused_while_a_lease_is_valid(answers: Answers) -> None:
    answers.start(KEY, lease="a", now=NOW, until=UNTIL)

    with pytest.raises(ModelCallInFlight):
        answers.start(KEY, lease="b", now=NOW, until=UNTIL)


def test_the_holder_of_a_lease_may_start_again(answers: Answers) -> None:
    answers.start(KEY, lease="a", now=NOW, until=UNTIL)

    answers.start(KEY, lease="a", now=NOW, until=UNTIL)


def test_an_expired_lease_is_taken_over_and_its_late_answer_refused(
    answers: Answers,
) -> None:
    answers.start(KEY, lease="a", now=NOW, until=UNTIL)
    answers.start(KEY, lease="b", now=UNTIL, until=UNTIL + timedelta(seconds=300))

    with pytest.raises(ModelCallInFlight):
        answers.accept(KEY, answer("late"), lease="a")
    answers.accept(KEY, answer("in time"), lease="b")

    found = answers.accepted(KEY)
    assert found is not None
    assert found.arguments["assignments"] == ["in time"]


def test_an_accepted_answer_is_never_requested_again(answers: Answers) -> None:
    answers.start(KEY, lease="a", now=NOW, until=UNTIL)
    answers.accept(KEY, answer(), lease="a")

    with pytest.raises(ModelCallInFlight):
        answers.start(KEY, lease="b", now=UNTIL, until=UNTIL + timedelta(seconds=1))

    assert answers.accepted(KEY) == answer()


def test_a_released_lease_is_available_at_once(answers: Answers) -> None:
    answers.start(KEY, lease="a", now=NOW, until=UNTIL)
    answers.release(KEY, lease="a")

    answers.start(KEY, lease="b", now=NOW, until=UNTIL)

    assert answers.calls(Agent.CONDITIONS, GENERATION) == ()


def test_an_unusable_answer_is_recorded_as_paid_and_not_reused(answers: Answers) -> None:
    answers.start(KEY, lease="a", now=NOW, until=UNTIL)
    answers.refuse(KEY, call(CallOutcome.INVALID), lease="a")

    assert answers.accepted(KEY) is None
    assert answers.calls(Agent.CONDITIONS, GENERATION) == (call(CallOutcome.INVALID),)
    answers.start(KEY, lease="b", now=NOW, until=UNTIL)


def test_answers_calls_and_mails_expire_in_the_table(table: Table, blobs: BlobStore) -> None:
    answers = on_table(table, blobs)
    answers.start(KEY, lease="a", now=NOW, until=UNTIL)
    answers.accept(KEY, answer(), lease="a")
    mailbox = SesMailbox(boto3.client("sesv2"), table, sender="", configuration="")
    mailbox.mark_sent("REVIEW#1#1", "ada", 0)

    items = boto3.client("dynamodb").scan(TableName=aws.TABLE)["Items"]

    ends = {int(item["expires_at"]["N"]) for item in items}
    assert len(items) == 3
    assert ends == {int(NOW.timestamp()) + 180 * 86_400}


def test_prompts_and_responses_are_stored_under_their_sha256(answers: Answers) -> None:
    sha256 = text_sha256("Grüße")

    assert answers.save_prompt("Grüße") == answers.save_response("Grüße") == sha256
