"""The sweeper repairs, once, every difference between the table and Step Functions."""

from collections.abc import Iterator
from datetime import UTC, datetime

import boto3
import pytest

from coursewright.adapters.audit import DynamoAudit
from coursewright.adapters.generations import DynamoGenerations
from coursewright.adapters.table import Table
from coursewright.domain.execution import Execution, ExecutionStatus
from coursewright.domain.generation import GenerationRequest, GenerationStatus
from coursewright.steps.sweep_generations import sweep_generations
from tests import aws
from tests.contracts.records import GENERATION
from tests.contracts.records_published import claimed_item

MAY = datetime(2026, 5, 1, 9, tzinfo=UTC)


class Engine:
    """A fake of Step Functions with one execution, or none if it has expired."""

    def __init__(self) -> None:
        self.run: Execution | None = Execution(status=ExecutionStatus.RUNNING)
        self.started: list[str] = []

    def get(self, execution: str) -> Execution | None:
        return self.run

    def start(self, name: str, request: GenerationRequest) -> bool:
        is_new = self.run is None and name not in self.started
        self.started += [name] if is_new else []
        return is_new


class Watch:
    def now(self) -> datetime:
        return MAY


class Floor:
    """A table with one claimed generation, an engine and the sweeper."""

    def __init__(self) -> None:
        table = Table(boto3.client("dynamodb"), aws.TABLE)
        table.put(claimed_item())
        self.generations, self.audit = DynamoGenerations(table), DynamoAudit(table)
        self.engine = Engine()

    @property
    def status(self) -> GenerationStatus:
        return self.generations.get(GENERATION).status

    def sweep(self) -> dict[str, int]:
        return sweep_generations(
            generations=self.generations,
            executions=self.engine,
            audit=self.audit,
            clock=Watch(),
        )


@pytest.fixture
def floor() -> Iterator[Floor]:
    with aws.storage():
        yield Floor()


def test_a_running_execution_is_left_alone(floor: Floor) -> None:
    assert floor.sweep() == {}
    assert floor.status is GenerationStatus.RUNNING


@pytest.mark.parametrize(
    "status", [ExecutionStatus.FAILED, ExecutionStatus.TIMED_OUT, ExecutionStatus.ABORTED]
)
def test_an_execution_that_ended_silently_is_reported_once(
    floor: Floor, status: ExecutionStatus
) -> None:
    floor.engine.run = Execution(status=status, error="Runtime.ExitError")

    found = floor.sweep(), floor.sweep()

    assert found == ({"stopped": 1}, {})
    assert floor.status is GenerationStatus.STOPPED
    (entry,) = floor.audit.entries(GENERATION)
    assert (entry["event"], entry["error"]) == ("generation_stopped", "Runtime.ExitError")


def test_a_redriven_execution_counts_as_running(floor: Floor) -> None:
    floor.engine.run = Execution(status=ExecutionStatus.FAILED)
    floor.sweep()
    floor.engine.run = Execution(status=ExecutionStatus.RUNNING)

    found = floor.sweep(), floor.sweep()

    assert found == ({"resumed": 1}, {})
    assert floor.status is GenerationStatus.RUNNING


def test_a_claim_without_an_execution_is_started_again_once(floor: Floor) -> None:
    floor.engine.run = None

    found = floor.sweep(), floor.sweep()

    assert found == ({"restarted": 1}, {})
    assert floor.engine.started == [f"loops-{GENERATION}"]
    assert floor.status is GenerationStatus.ABANDONED


def test_a_sweep_that_failed_to_restart_a_generation_retries_it(floor: Floor) -> None:
    floor.engine.run = None
    seen = floor.generations.get(GENERATION)
    floor.generations.change_status(seen, GenerationStatus.ABANDONED)

    assert floor.sweep() == {"restarted": 1}


def test_a_generation_closed_in_the_meantime_is_left_alone(floor: Floor) -> None:
    seen = floor.generations.get(GENERATION)
    floor.generations.close(GENERATION, GenerationStatus.PUBLISHED, now=MAY)

    changed = floor.generations.change_status(seen, GenerationStatus.STOPPED)

    assert not changed
    assert floor.sweep() == {}
    assert floor.status is GenerationStatus.PUBLISHED
