"""A recorded invocation is replayed correctly no matter how often a client retries."""

from collections.abc import Iterator

import pytest

from tests.benchmarks.recorder import Exchange, Recorded, Recording, packed
from tests.benchmarks.replay import Replay

READ = "DynamoDB_20120810.GetItem"
SIGNED = {"Authorization": "Credential=A/20261122/eu-west-1/dynamodb/aws4_request"}


def exchange(body: str) -> Exchange:
    packed_body = packed(body.encode())
    return Exchange(asked=f"dynamodb {READ}", status=200, headers={}, body=packed_body)


def read(invocation: str) -> dict[str, str]:
    return SIGNED | {"X-Amz-Target": READ, "amz-sdk-invocation-id": invocation}


@pytest.fixture
def replay() -> Iterator[Replay]:
    run = Recorded(function="write_hint", event={}, exchanges=[exchange("one"), exchange("two")])
    with Replay(Recording(environment={}, providers=[], runs={})) as replay:
        replay.begin(run)
        yield replay


def test_a_client_that_asks_again_gets_the_same_answer(replay: Replay) -> None:
    answers = [replay.answer("POST", "/", read(which)) for which in ("a", "a", "b")]

    assert answers == [exchange("one"), exchange("one"), exchange("two")]


def test_an_unrecorded_request_is_reported(replay: Replay) -> None:
    answers = [replay.answer("POST", "/", read(which)) for which in ("a", "b", "c")]

    assert answers[2] is None
    assert replay.surprises == [f"dynamodb {READ}"]
