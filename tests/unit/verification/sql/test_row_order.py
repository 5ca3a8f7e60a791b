"""A result must not depend on the order in which rows are stored."""

import pytest

from coursewright.domain.evidence import Cause, FindingCode, RepairTarget, Verdict
from coursewright.verification.sandbox.worker_pool import Sandbox
from coursewright.verification.sql.check import check_sql
from tests.unit.verification.sql.builders import correct_draft
from tests.unit.verification.sql.queries import ORDER_DEPENDENT, STEADY, STEADY_AND_ORDERED

MIXED = "SELECT group_concat(title) AS t FROM (SELECT title FROM book ORDER BY pages LIMIT 3)"


@pytest.mark.parametrize(
    ("cause", "query"),
    [(cause, query) for cause, queries in ORDER_DEPENDENT.items() for query in queries],
)
def test_a_result_that_depends_on_the_row_order_is_not_repeatable(
    cause: str, query: str, sql_sandbox: Sandbox
) -> None:
    draft = correct_draft(query, is_ordered=cause == Cause.ORDER_TIE)

    evidence = check_sql(draft, sql_sandbox)

    (reason,) = [each for each in evidence.reasons if each.code is FindingCode.NOT_REPEATABLE]
    assert reason.params["cause"] == cause
    assert reason.where
    assert evidence.verdict is Verdict.REJECTED
    assert evidence.repeatable is False


@pytest.mark.parametrize(
    ("query", "is_ordered"),
    [*((query, False) for query in STEADY), *((query, True) for query in STEADY_AND_ORDERED)],
)
def test_a_result_that_no_row_order_changes_is_repeatable(
    query: str, is_ordered: bool, sql_sandbox: Sandbox
) -> None:
    evidence = check_sql(correct_draft(query, is_ordered=is_ordered), sql_sandbox)

    assert evidence.repeatable is True
    assert {reason.code for reason in evidence.reasons} <= {FindingCode.TESTS_TOO_WEAK}
    assert not any(doubt.blocking for doubt in evidence.doubts)


def test_a_dependence_with_several_possible_causes_names_none_of_them(
    sql_sandbox: Sandbox,
) -> None:
    evidence = check_sql(correct_draft(MIXED), sql_sandbox)

    (reason,) = evidence.reasons
    assert reason.params["cause"] == Cause.ROW_ORDER
    assert evidence.fault is RepairTarget.SOLUTION


def test_ties_may_stay_open_where_the_order_is_not_compared(sql_sandbox: Sandbox) -> None:
    evidence = check_sql(correct_draft("SELECT title FROM book ORDER BY pages"), sql_sandbox)

    assert evidence.verdict is Verdict.VERIFIED


def test_a_search_that_takes_too_long_without_keys_is_tried_with_indexes(
    sql_sandbox: Sandbox,
) -> None:
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000) "
    query = f"{numbers}SELECT count(*) AS c FROM n WHERE EXISTS (SELECT 1 FROM big WHERE id = i)"
    filled = f"INSERT INTO big SELECT i, 'w' FROM ({numbers}SELECT i FROM n)"
    schema_sql = "CREATE TABLE big (id INTEGER PRIMARY KEY, word TEXT)"
    draft = correct_draft(query, schema_sql=schema_sql, seeds=(filled, f"{filled} WHERE i > 9"))

    evidence = check_sql(draft, sql_sandbox)

    assert evidence.repeatable is True
    assert not [doubt for doubt in evidence.doubts if doubt.params["cause"] == Cause.ORDERS_LEFT]
