"""Tests the display of what has changed in a draft since the previous round."""

from coursewright.domain.brief import Kind
from coursewright.domain.draft_evidence import DraftEvidence
from coursewright.pages.diffs import draft_changes, prose_diff_html
from tests.unit.review.builders import MODELS, draft, solution_of
from tests.unit.review.builders import tests_of as written_tests


def evidence(text: str, *, code: str = "", tests: str = "") -> DraftEvidence:
    written = draft(MODELS[0], 1, text).model_copy(update={"code": code, "kind": Kind.PYTHON})
    return DraftEvidence(
        draft=written,
        tests=written_tests(written, tests, ()),
        solution=solution_of(written),
        verification=None,
    )


def test_removed_and_added_words_are_marked() -> None:
    before = evidence("<p>Return the sum.</p><p>Zero if empty.</p>")
    now = evidence("<p>Return the <b>total</b> sum.</p><p>None if empty.</p>")

    (change,) = draft_changes(now, before, 10_000)

    assert change.part == "Text"
    assert change.html == (
        "Return the <ins>total </ins>sum.\n<del>Zero</del><ins>None</ins> if empty."
    )


def test_code_is_compared_line_by_line() -> None:
    before = evidence("a", code="def f():\n    return 1\n", tests="x = 1")
    now = evidence("a", code="def f():\n    return 2\n", tests="x = 2")

    starter, tests = draft_changes(now, before, 10_000)

    assert "<del>-    return 1</del>\n<ins>+    return 2</ins>" in starter.html
    assert (starter.part, tests.part) == ("Starter code", "Tests")


def test_equal_parts_are_not_changes() -> None:
    assert draft_changes(evidence("<p>a</p>"), evidence("<p>a </p>"), 10_000) == ()


def test_a_rewritten_text_is_not_compared_word_by_word() -> None:
    (change,) = draft_changes(evidence("Count seats in a theatre."), evidence("<p>xyz</p>"), 10_000)

    assert (change.part, change.html) == ("Text", "")


def test_hostile_text_is_escaped() -> None:
    assert prose_diff_html("a <b>", "a <i> <b>") == "a<ins> &lt;i&gt;</ins> &lt;b&gt;"


def test_a_change_beyond_the_displayed_part_is_still_reported() -> None:
    lines = [f"assert total([{number}]) == {number}" for number in range(2_000)]
    before = evidence("<p>a</p>", tests="\n".join(lines))
    now = evidence("<p>a</p>", tests="\n".join([*lines[:-1], "assert total([]) == 0"]))

    (change,) = draft_changes(now, before, 20)

    assert change.part == "Tests"
    assert "…" in change.html
