"""The sample lessons are complete and realistic, and the practice authors recognise them."""

import html
import json
import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from coursewright.domain.lesson import parse_module_published
from local.practice.content import portfolios

EVENTS = Path(__file__).parents[3] / "events" / "module_published"
LESSONS = {"python_loops": "loops", "sql_joins": "joins"}
CODE = re.compile(r"<pre><code>(.*?)</code></pre>", re.DOTALL)
BIKES = """
INSERT INTO rider VALUES (1, 'Mira', NULL), (2, 'Jon', 1), (3, 'Sol', 1), (4, 'Tess', 3);
INSERT INTO bike VALUES (1, 'City'), (2, 'Cargo'), (3, 'Folding');
INSERT INTO trip VALUES (1, 1, 1, 12), (2, 1, 2, 40), (3, 2, 1, 25), (4, NULL, 2, 8);
"""


def read(name: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))
    return event


def lesson(name: str) -> str:
    return str(read(name)["detail"]["module"]["html"])


def code_blocks(name: str) -> list[str]:
    return [html.unescape(block) for block in CODE.findall(lesson(name))]


@pytest.mark.parametrize("name", LESSONS)
def test_a_sample_event_is_a_published_module(name: str) -> None:
    published = parse_module_published(read(name))

    assert published.brief.tasks_count == 5
    assert [model.rpartition("-")[2] for model in published.brief.models or ()] == [
        "quick",
        "careful",
        "sloppy",
    ]
    assert published.reviewers == ("ada@example.edu",)


@pytest.mark.parametrize("name", LESSONS)
def test_a_sample_lesson_has_the_length_of_a_real_one(name: str) -> None:
    words = re.sub(r"<[^>]+>", " ", lesson(name)).split()

    assert 900 <= len(words) <= 1500


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_contains_its_own_phrases_only(name: str) -> None:
    phrases = {portfolio.lesson: portfolio.lesson_phrases for portfolio in portfolios()}

    recognised = {known for known in phrases for phrase in phrases[known] if phrase in lesson(name)}

    assert recognised == {LESSONS[name]}
    assert all(phrase in lesson(name) for phrase in phrases[LESSONS[name]])


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_reveals_no_assignment(name: str) -> None:
    names = [assignment.name for portfolio in portfolios() for assignment in portfolio.assignments]

    assert [assignment for assignment in names if assignment.lower() in lesson(name).lower()] == []


def test_the_examples_on_loops_print_what_their_comments_state(
    capsys: pytest.CaptureFixture[str],
) -> None:
    blocks = code_blocks("python_loops")
    stated = re.findall(r"print\(.*\)\s+# (.*)", "\n".join(blocks))

    for block in blocks[1:]:
        exec(block, {})

    printed = capsys.readouterr().out.splitlines()
    assert len(stated) == len(printed) > 8
    assert all(output in comment for output, comment in zip(printed, stated, strict=True))


def test_the_examples_on_joins_run_on_the_tables_of_the_lesson() -> None:
    schema, *queries = code_blocks("sql_joins")
    connection = sqlite3.connect(":memory:")
    connection.executescript(schema + BIKES)

    rows = [connection.execute(select).fetchall() for select in queries]
    connection.close()

    assert [len(result) for result in rows] == [3, 2, 3, 5, 2, 2, 4, 4, 3]
    assert rows[4] == [("Sol",), ("Tess",)]
