"""What the sandbox replies about an SQL draft."""

from typing import Literal, NamedTuple

from coursewright.verification.check_request import Cell
from coursewright.verification.sandbox.answer import Reply

Stage = Literal["schema", "seed", "query"]
Problem = Literal["not_allowed", "current_time", "timed_out", "out_of_memory", "failed"]
RowOrder = Literal["", "rows", "sequence", "not_finished"]


class DatasetResult(Reply):
    """The result of one query on one dataset, or the problem that stopped it."""

    stage: Stage
    problem: Problem | None
    message: str = ""
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    edges: tuple[str, ...] = ()


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
    is_understood: bool = False
    is_ordered: bool = False
    reads_tables: bool = True
    literals: tuple[int | str, ...] = ()
    returned_literals: tuple[str, ...] = ()
    bare_columns: tuple[str, ...] = ()
    case_sensitive_patterns: tuple[str, ...] = ()
    has_open_columns: bool = False
    order_dependent: tuple[str, ...] = ()


class Variation(Reply):
    """How a query's result depends on the order of rows, on NULL's order and on division."""

    row_order: RowOrder
    null_order: bool = False
    divisions: tuple[str, ...] = ()


class MutationRun(Reply):
    """The changes made by mutants that were killed, survived, or may be equivalent."""

    killed: tuple[str, ...] = ()
    survivors: tuple[str, ...] = ()
    equivalent: tuple[str, ...] = ()
    is_understood: bool = True
    is_finished: bool
