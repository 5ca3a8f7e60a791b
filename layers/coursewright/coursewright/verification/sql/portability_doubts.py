"""Doubts about SQL that other databases treat differently."""

import re
from collections.abc import Iterator, Sequence

from coursewright.domain.evidence import Finding, FindingCode
from coursewright.domain.quotes import html_pieces
from coursewright.verification.rejections import doubt
from coursewright.verification.sql.replies import QueryFacts, Variation

DATABASES = {
    "PostgreSQL": re.compile(r"\bPostgre(?:SQL|s)\b|\bpsql\b", re.IGNORECASE),
    "MySQL": re.compile(r"\bMySQL\b", re.IGNORECASE),
    "MariaDB": re.compile(r"\bMariaDB\b", re.IGNORECASE),
    "SQL Server": re.compile(r"\b(?:MS ?)?SQL[- ]Server\b|\bT-SQL\b|\bMSSQL\b", re.IGNORECASE),
    "Oracle": re.compile(r"\bOracle(?: (?:Database|DB|SQL|\d\w*))?\b"),
}
CONTRAST = re.compile(
    r"\b(?:unlike|not|instead of|nicht|kein\w*|anders als|statt|не|вместо|в отличие)\b",
    re.IGNORECASE,
)
SENTENCE = re.compile(r"(?<=[.!?;])\s+")
# The databases that disagree with SQLite, each with its default settings.
DISAGREEING = {
    FindingCode.BARE_COLUMN: ("PostgreSQL", "MySQL", "SQL Server", "Oracle"),
    FindingCode.LIKE_IGNORES_CASE: ("PostgreSQL", "Oracle"),
    FindingCode.INTEGER_DIVISION: ("MySQL", "MariaDB", "Oracle"),
    FindingCode.NULL_ORDER: ("PostgreSQL", "Oracle"),
    FindingCode.DOUBLE_QUOTED_TEXT: ("PostgreSQL", "SQL Server", "Oracle"),
    FindingCode.COLUMNS_NOT_NAMED: (),
}


def portability_doubts(
    facts: QueryFacts, variations: Sequence[Variation], *, quoted_text: str, text: str
) -> tuple[Finding, ...]:
    """Return the parts of a query on which databases differ.

    They are remarks, unless the text names a database that disagrees: then a person must decide.
    """
    named = named_databases(text)
    return tuple(_doubts(_constructs(facts, variations, quoted_text), named))


def _constructs(
    facts: QueryFacts, variations: Sequence[Variation], quoted_text: str
) -> dict[FindingCode, Sequence[str]]:
    divisions = dict.fromkeys(each for variation in variations for each in variation.divisions)
    return {
        FindingCode.BARE_COLUMN: facts.bare_columns,
        FindingCode.LIKE_IGNORES_CASE: facts.case_sensitive_patterns,
        FindingCode.INTEGER_DIVISION: list(divisions),
        FindingCode.NULL_ORDER: ["NULL"] if any(v.null_order for v in variations) else [],
        FindingCode.DOUBLE_QUOTED_TEXT: [quoted_text] if quoted_text else [],
        FindingCode.COLUMNS_NOT_NAMED: ["*"] if facts.has_open_columns else [],
    }


def _doubts(
    constructs_by_code: dict[FindingCode, Sequence[str]], named: frozenset[str]
) -> Iterator[Finding]:
    for code, constructs in constructs_by_code.items():
        disagreeing = DISAGREEING[code]
        concerned = [name for name in disagreeing if name in named] or disagreeing
        if constructs:
            yield doubt(
                code,
                constructs,
                databases=", ".join(concerned),
                blocking=not named.isdisjoint(disagreeing),
            )


def named_databases(html: str) -> frozenset[str]:
    """Return the databases that a text names, except to say what does not apply to them."""
    text = " ".join(piece for piece, is_example in html_pieces(html) if not is_example)
    sentences = [each for each in SENTENCE.split(text) if not CONTRAST.search(each)]
    return frozenset(name for name, sign in DATABASES.items() if any(map(sign.search, sentences)))
