"""The parts of a draft that agents write, and the assignment it becomes once approved."""

from coursewright.domain.base import Record, fingerprint
from coursewright.domain.brief import Kind
from coursewright.domain.certificate import Certificate
from coursewright.domain.evidence import Evidence, FindingCode
from coursewright.domain.requirement import Requirement


class Authorship(Record):
    """The prompts that led to a record."""

    prompt_set: str
    prompt_sha256: str


class Draft(Record):
    """One assignment written by a model: the part that the learner sees."""

    draft: str
    generation: str
    round: int
    model: str
    number: int
    kind: Kind
    name: str
    text: str
    code: str
    file_name: str
    difficulty: int
    concepts: tuple[str, ...]
    schema_sql: str
    authorship: Authorship
    removed: tuple[str, ...] = ()  # markup in the text that is never shown


class Dataset(Record):
    """Rows to insert into the tables, and the result that a correct query returns for them."""

    name: str
    seed_sql: str
    expected_columns: tuple[str, ...]
    expected_rows: tuple[tuple[str | int | float | bool | None, ...], ...]


class DraftTests(Record):
    """The check for a draft's solution: a unittest module, or datasets for a query."""

    draft: str
    attempt: int
    tests: str
    datasets: tuple[Dataset, ...]
    ordered: bool
    requirements: tuple[Requirement, ...]
    authorship: Authorship


class DraftSolution(Record):
    """The model's own solution to a draft."""

    draft: str
    attempt: int
    code: str
    explanation: str
    authorship: Authorship


class DraftHint(Record):
    """One short hint for a learner who is stuck."""

    draft: str
    hint: str
    authorship: Authorship


class Assignment(Record):
    """An approved draft in the form published to the course platform."""

    assignment: str
    course: str
    module: str
    generation: str
    draft: str
    model: str
    kind: Kind
    language: str = "en"
    name: str
    text: str
    code: str
    file_name: str
    difficulty: int
    concepts: tuple[str, ...]
    schema_sql: str
    tests: str
    datasets: tuple[Dataset, ...]
    ordered: bool
    requirements: tuple[Requirement, ...]
    solution: str
    explanation: str
    evidence: Evidence
    certificate: Certificate | None = None
    confirmed_doubts: tuple[FindingCode, ...] = ()  # by the reviewer who approved the draft
    prompt_set: str
    approved_by: str
    approved_at: str
    hint: str = ""


def draft_id(model: str, round_number: int, number: int) -> str:
    """Return a draft's id, unique within its generation."""
    return f"{model}/r{round_number}/d{number}"


def assignment_id(generation: str, draft: str) -> str:
    """Return a deterministic id, so that publishing an assignment twice has no further effect."""
    return fingerprint([generation, draft])[:16]
