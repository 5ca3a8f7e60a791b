"""Measures whether a draft's datasets tell wrong variants of its query from the right one."""

from pydantic import ValidationError

from coursewright.domain.base import Record
from coursewright.verification.check_request import Mutants, SqlCheck
from coursewright.verification.rejections import Reason, ReasonCode, reason
from coursewright.verification.sandbox.worker_pool import Sandbox

MAX_MUTANTS = 24
SHARE_KILLED = 0.8
SURVIVORS_SHOWN = 5


class QueryFacts(Record):
    """What can be seen of a query without running it."""

    nonce: str = ""
    differences: tuple[str, ...] = ()
    in_text: tuple[str, ...] = ()
    in_lesson: tuple[str, ...] = ()
    is_ordered: bool = False
    reads_tables: bool = True
    uses_current_time: bool = False
    literals: tuple[int | str, ...] = ()
    returned_literals: tuple[str, ...] = ()


class Variant(Record):
    """One wrong variant of a query and what was changed in it."""

    kind: str
    change: str
    source: str


class Variants(Record):
    """The query as the parser writes it, and its wrong variants."""

    nonce: str
    variants: list[Variant]


class Weighed(Record):
    """The changes that the datasets notice, those they miss, and those that change nothing."""

    nonce: str
    killed: list[str]
    survivors: list[str]
    same: list[str]


def read_query(check: SqlCheck, sandbox: Sandbox, *, sql: str = "") -> QueryFacts:
    """Read a query, and the words of another database in a statement, the text and the lesson."""
    job = {
        "query": check.solution,
        "sql": sql or check.solution,
        "text": check.text,
        "lesson": check.lesson,
    }
    answer, _ = sandbox.run("read", job)
    try:
        return QueryFacts.model_validate_json(answer.raw)
    except ValidationError:
        return QueryFacts()


def count_mutants(check: SqlCheck, facts: QueryFacts, sandbox: Sandbox) -> Mutants:
    """Try wrong variants of a right query on all datasets."""
    answer, _ = sandbox.run("mutate", {"query": check.solution})
    try:
        same, *variants = Variants.model_validate_json(answer.raw).variants
    except ValueError:  # no answer, or nothing in it: the parser does not know this query
        return Mutants()
    job = {
        "schema_sql": check.schema_sql,
        "seeds": [dataset.seed_sql for dataset in check.datasets],
        "query": check.solution,
        "rewritten": same.source,
        "variants": [variant.model_dump() for variant in variants],
        "literals": facts.literals,
        "is_ordered": check.ordered and facts.is_ordered,
        "seconds": sandbox.limits.seconds,
        "limit": MAX_MUTANTS,
    }
    answer, _ = sandbox.run("weigh", job)
    try:
        weighed = Weighed.model_validate_json(answer.raw)
    except ValidationError:
        return Mutants()
    killed = len(weighed.killed)
    total = killed + len(weighed.survivors)
    return Mutants(total=total, killed=killed, survivors=weighed.survivors)


def too_weak(mutants: Mutants) -> list[Reason]:
    """Say so where the datasets miss more than a fifth of the variants.

    One that is missed is named and does not count against the draft: the tables may allow rows
    that the text rules out.
    """
    if len(mutants.survivors) < 2 or mutants.killed >= SHARE_KILLED * mutants.total:
        return []
    some = "; ".join(mutants.survivors[:SURVIVORS_SHOWN])
    counted = f"{mutants.killed} of {mutants.total} were noticed; not noticed: {some}"
    return [reason(ReasonCode.TESTS_TOO_WEAK, counted)]
