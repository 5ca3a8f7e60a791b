"""JSON Lines exports run under HumanEval's rules and can be imported without loss."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursewright.domain.assignment import Assignment
from coursewright.domain.base import fingerprint
from coursewright.domain.brief import Kind
from coursewright.domain.errors import ImportInvalid
from coursewright.domain.evidence import FindingCode, Verdict
from coursewright.domain.export import Format
from coursewright.exports.export import export
from coursewright.exports.jsonl import read
from coursewright.exports.provenance import without_reviewer
from tests.exports.run_program import succeeds
from tests.exports.samples import (
    CERTIFICATE,
    DOUBT_TEXT,
    NOTE,
    REVIEWER,
    SUM_EVEN,
    assignment,
    edge_cases,
    from_practice,
    wrong_answer,
)

SAMPLES = [*edge_cases(), *from_practice()]


def lines(assignments: list[Assignment]) -> str:
    return b"".join(file.content for file in export(assignments, Format.JSONL)).decode()


def program(line: dict[str, Any], answer: str, kind: Kind) -> str:
    """Assemble a program like HumanEval; a query is passed to `check` as a string."""
    if kind is Kind.SQL:
        return f"{line['test']}\ncheck({answer!r})\n"
    return f"{line['prompt']}{answer}\n{line['test']}\ncheck({line['entry_point']})\n"


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: f"{sample.model}-{sample.name}"[:60])
def test_the_solution_passes_and_the_starter_and_a_wrong_answer_do_not(
    sample: Assignment, tmp_path: Path
) -> None:
    line = json.loads(lines([sample]))

    results = [
        succeeds(program(line, answer, sample.kind), tmp_path)
        for answer in (line["canonical_solution"], sample.code, wrong_answer(sample))
    ]

    assert results == [True, False, False]


def test_an_answer_cannot_skip_its_tests(tmp_path: Path) -> None:
    sample = assignment(SUM_EVEN)
    skipping = "import unittest\ndef sum_even(n):\n    raise unittest.SkipTest\n"

    assert not succeeds(program(json.loads(lines([sample])), skipping, sample.kind), tmp_path)


def test_a_line_has_the_fields_of_human_eval_and_the_whole_record() -> None:
    sample = assignment(SUM_EVEN)

    line = json.loads(lines([sample]))

    assert line["task_id"] == sample.name
    assert line["prompt"] == sample.code
    assert line["entry_point"] == "sum_even"
    assert line["coursewright"]["evidence"] == sample.evidence.model_dump(mode="json")
    assert line["coursewright"]["certificate"] == CERTIFICATE
    assert (line["certificate_text"], line["doubts"]) == (NOTE, [DOUBT_TEXT])
    assert REVIEWER not in lines([sample])


def test_an_export_is_reimported_completely() -> None:
    assert read(lines(SAMPLES)) == tuple(without_reviewer(sample) for sample in SAMPLES)


def test_a_file_may_have_passed_through_another_editor() -> None:
    text = "\ufeff" + lines([assignment(SUM_EVEN)]).replace("\n", "\r\n") + "\r\n"

    assert read(text)[0].name == "Sum of even numbers"


WORDS = st.text(max_size=30)
FINITE = st.floats(allow_nan=False, allow_infinity=False)
CELLS = st.none() | st.booleans() | st.integers() | FINITE | WORDS
DATASETS = st.fixed_dictionaries(
    {
        "name": WORDS,
        "seed_sql": WORDS,
        "expected_columns": st.lists(WORDS, max_size=3),
        "expected_rows": st.lists(st.lists(CELLS, max_size=3), max_size=3),
    }
)
PARAMS = st.dictionaries(WORDS, st.integers() | WORDS | st.lists(WORDS, max_size=3), max_size=3)
FINDINGS = st.fixed_dictionaries(
    {
        "code": st.sampled_from([code.value for code in FindingCode]),
        "params": PARAMS,
        "where": st.lists(WORDS, max_size=3),
        "blocking": st.booleans(),
    }
)
DIFFERENCES = st.fixed_dictionaries({"input": WORDS, "result": WORDS, "own_result": WORDS})
EVIDENCE = st.fixed_dictionaries(
    {
        "verdict": st.sampled_from([verdict.value for verdict in Verdict]),
        "reasons": st.lists(FINDINGS, max_size=2),
        "doubts": st.lists(FINDINGS, max_size=2),
        "differences": st.lists(DIFFERENCES, max_size=2),
    }
)
RECORDS = st.builds(
    assignment,
    st.just(SUM_EVEN),
    **dict.fromkeys(("name", "text", "code", "schema_sql", "explanation", "model"), WORDS),
    kind=st.sampled_from(list(Kind)),
    difficulty=st.integers(),
    concepts=st.lists(WORDS, max_size=3),
    datasets=st.lists(DATASETS, max_size=2),
    ordered=st.booleans(),
    requirements=st.lists(st.fixed_dictionaries({"test": WORDS, "quote": WORDS}), max_size=2),
    evidence=EVIDENCE,
    certificate=st.none() | st.just(CERTIFICATE),
)


@given(RECORDS)
def test_any_assignment_survives_a_round_trip(sample: Assignment) -> None:
    assert read(lines([sample])) == (without_reviewer(sample),)


def nested(depth: int) -> str:
    """Return JSON objects within one another."""
    return '{"text": ' * depth + "1" + "}" * depth


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "the file contains no assignments"),
        ("\n\n", "the file contains no assignments"),
        ("{", "line 1 is not JSON"),
        ("[]", "line 1 is not an exported assignment"),
        ("null", "line 1 is not an exported assignment"),
        ("{}", "line 1 is not an exported assignment"),
        ('{"coursewright": {}, "provenance": {}}', "line 1"),
        ('{"coursewright": 5, "provenance": {"sha256": "x"}}', "line 1"),
        ("[" * 100_000, "line 1"),
        *(
            (f'{{"coursewright": {nested(depth)}}}', "line 1")
            for depth in (100, 900, 1_100, 100_000)
        ),
        (
            f'{{"coursewright": {{}}, "provenance": {nested(100_000)}}}',
            "line 1 is nested too deeply",
        ),
    ],
)
def test_a_malformed_file_is_refused_in_one_sentence(text: str, problem: str) -> None:
    with pytest.raises(ImportInvalid) as caught:
        read(text)

    assert str(caught.value).startswith(problem)
    assert "\n" not in str(caught.value)


def test_a_line_that_was_changed_is_refused() -> None:
    text = lines([assignment(SUM_EVEN)]).replace('"difficulty": 2', '"difficulty": 3')

    with pytest.raises(ImportInvalid, match=r"line 1: .* was changed after its export"):
        read(text)


def test_an_export_of_an_earlier_release_can_be_imported() -> None:
    line = json.loads(lines([assignment(SUM_EVEN)]))
    del line["coursewright"]["hint"]
    line["provenance"]["sha256"] = fingerprint(line["coursewright"])

    (imported,) = read(json.dumps(line))

    assert imported == without_reviewer(assignment(SUM_EVEN))


def test_a_duplicate_line_is_refused() -> None:
    with pytest.raises(ImportInvalid, match="line 2 repeats the assignment 00000000000000aa"):
        read(lines([assignment(SUM_EVEN)]) * 2)


def test_a_truncated_last_line_is_reported() -> None:
    whole = lines(edge_cases())

    with pytest.raises(ImportInvalid, match="line 3 is not JSON"):
        read(whole[:-200])
