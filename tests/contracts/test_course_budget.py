"""A course's budget is reserved once per generation and never exceeded."""

import boto3
import pytest
from botocore.stub import Stubber
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coursewright.adapters.budget import DynamoBudgets
from coursewright.adapters.table import Table
from coursewright.domain.budget import CourseRun
from coursewright.domain.errors import TableContended
from coursewright.ports.generations import Budgets
from tests.fakes.memory_budget import MemoryBudgets

RUN = CourseRun(id="arn:run 2026-01-15", budget_usd=0.0001)  # 100 micro-dollars


@pytest.fixture(params=["memory", "table"])
def budget(request: pytest.FixtureRequest) -> Budgets:
    if request.param == "memory":
        return MemoryBudgets()
    return DynamoBudgets(request.getfixturevalue("table"))


def test_a_share_is_reserved_once_however_often_it_is_requested(budget: Budgets) -> None:
    asked = [budget.reserve_course_share(RUN, "loops", 60) for _ in range(3)]

    assert asked == [True, True, True]
    assert budget.reserve_course_share(RUN, "joins", 41) is False
    assert budget.reserve_course_share(RUN, "joins", 40) is True


def test_a_share_over_the_cap_reserves_nothing(budget: Budgets) -> None:
    assert budget.reserve_course_share(RUN, "novel", 101) is False
    assert budget.reserve_course_share(RUN, "loops", 100) is True
    assert budget.reserve_course_share(RUN, "joins", 1) is False


def test_a_share_stays_reserved_when_the_budget_is_used_up(budget: Budgets) -> None:
    budget.reserve_course_share(RUN, "loops", 100)

    assert budget.reserve_course_share(RUN, "loops", 100) is True


def test_another_execution_has_its_own_budget(budget: Budgets) -> None:
    budget.reserve_course_share(RUN, "loops", 100)

    assert (
        budget.reserve_course_share(RUN.model_copy(update={"id": "another"}), "loops", 100) is True
    )


@pytest.mark.parametrize(
    "code", ["TransactionConflict", "ProvisionedThroughputExceeded", "ThrottlingError"]
)
def test_a_concurrent_write_is_reported_by_its_reason(code: str) -> None:
    client = boto3.client("dynamodb")
    reasons = [{"Code": code}, {"Code": "None"}]
    budget = DynamoBudgets(Table(client, "any"))

    with Stubber(client) as stub:
        stub.add_client_error(
            "transact_write_items",
            "TransactionCanceledException",
            modeled_fields={"CancellationReasons": reasons},
        )
        with pytest.raises(TableContended, match=code):
            budget.reserve_course_share(RUN, "loops", 60)


@given(amounts=st.lists(st.integers(0, 60), max_size=12), cap=st.integers(0, 200))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_table_and_memory_agree_on_any_sequence(table: Table, amounts: list[int], cap: int) -> None:
    run = CourseRun(id=f"{amounts} {cap}", budget_usd=cap / 1_000_000)
    real, fake = DynamoBudgets(table), MemoryBudgets()

    taken = [
        (
            real.reserve_course_share(run, f"m{at}", amount),
            fake.reserve_course_share(run, f"m{at}", amount),
        )
        for at, amount in enumerate(amounts)
    ]

    assert all(real_share == other for real_share, other in taken)
