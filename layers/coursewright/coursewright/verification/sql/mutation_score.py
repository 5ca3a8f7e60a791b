"""Measures the mutation score of a draft's datasets."""

from typing import NamedTuple

from coursewright.domain.base import Record
from coursewright.domain.evidence import Finding, FindingCode, Mutants
from coursewright.verification.check_request import SqlCheck
from coursewright.verification.rejections import reason
from coursewright.verification.sandbox.answer import Reply
from coursewright.verification.sandbox.worker_pool import Sandbox

MAX_MUTANTS = 24
MIN_MUTATION_SCORE = 0.8


class ForeignSql(NamedTuple):
    """An expression from another database, with SQLite's alternative."""

    construct: str
    dialect: str
    alternative: str


class QueryFacts(Reply):
    """Facts about a query that require no execution, and its draft's dialect differences."""

    differences: tuple[ForeignSql, ...] = ()
    in_text: tuple[ForeignSql, ...] = ()
    in_lesson: tuple[ForeignSql, ...] = ()
    is_ordered: bool = False
    reads_tables: bool = True
    uses_current_time: bool = False
    literals: tuple[int | str, ...] = ()
    returned_literals: tuple[str, ...] = ()


class Mutant(Record):
    """A variant of a query with one mistake."""

    kind: str
    change: str
    source: str


class MutantList(Reply):
    """The query as formatted by the parser, followed by its mutants."""

    mutants: list[Mutant]


class MutationRun(Reply):
    """The changes made by mutants that were killed, survived, or may be equivalent."""

    killed: list[str]
    survivors: list[str]
    equivalent: list[str]


def read_query(check: SqlCheck, sandbox: Sandbox, *, sql: str = "") -> QueryFacts:
    """Analyse a query, and find dialect differences in a statement, the text and the lesson."""
    job = {
        "query": check.solution,
        "sql": sql or check.solution,
        "text": check.text,
        "lesson": check.lesson,
    }
    return sandbox.ask("read", job, QueryFacts).value or QueryFacts(nonce="")


def count_mutants(check: SqlCheck, facts: QueryFacts, sandbox: Sandbox) -> Mutants:
    """Run a correct query's mutants on all datasets and count those that are killed."""
    listed = sandbox.ask("mutate", {"query": check.solution}, MutantList).value
    if listed is None or not listed.mutants:  # the parser does not understand the query
        return Mutants()
    rewritten, *mutants = listed.mutants
    job = {
        "schema_sql": check.schema_sql,
        "seeds": [dataset.seed_sql for dataset in check.datasets],
        "query": check.solution,
        "rewritten": rewritten.source,
        "mutants": [mutant.model_dump() for mutant in mutants],
        "literals": facts.literals,
        "is_ordered": check.ordered and facts.is_ordered,
        "seconds": sandbox.limits.seconds,
        "limit": MAX_MUTANTS,
    }
    run = sandbox.ask("run_mutants", job, MutationRun).value
    if run is None:
        return Mutants()
    killed = len(run.killed)
    total = killed + len(run.survivors)
    return Mutants(total=total, killed=killed, survivors=tuple(run.survivors))


def too_weak(mutants: Mutants) -> list[Finding]:
    """Return the reason against datasets that let more than a fifth of the mutants survive.

    A single survivor is listed but does not count against the draft, because the tables may allow
    rows that the text rules out.
    """
    if len(mutants.survivors) < 2 or mutants.killed >= MIN_MUTATION_SCORE * mutants.total:
        return []
    return [reason(FindingCode.TESTS_TOO_WEAK, killed=mutants.killed, total=mutants.total)]
