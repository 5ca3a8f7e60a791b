"""Moodle XML with CodeRunner questions, one test case for each test or dataset."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path

from coursewright.domain.assignment import Assignment
from coursewright.domain.brief import Kind
from coursewright.exports import answer_rows, python_tests
from coursewright.exports.answer_rows import row_lines
from coursewright.exports.extract import test_ids
from coursewright.exports.files import ExportedFile, Named, Writer
from coursewright.exports.provenance import provenance
from coursewright.exports.xml_text import element, field, wrapped
from coursewright.markup.sanitise import clean_html

NAME = "moodle.xml"
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<quiz>\n'
TAIL = "</quiz>\n"
RUNNER = "coursewright_run.py"

# The type `sql` prints NULL as nothing and cuts cells at its client's column widths.
SQL_TEMPLATE = '''\
{rows}

import sqlite3

SEPARATOR = "#<ab@17943918#@>#"
SCHEMA = """{{{{ QUESTION.globalextra | e('py') }}}}"""
ANSWER = """{{{{ STUDENT_ANSWER | e('py') }}}}"""
SEEDS = [
{{% for TEST in TESTCASES %}}
    """{{{{ TEST.extra | e('py') }}}}""",
{{% endfor %}}
]


def answer_lines(seed):
    database = sqlite3.connect(":memory:")
    database.executescript(SCHEMA)
    database.executescript(seed)
    database.execute("PRAGMA query_only = ON")
    try:
        cursor = database.execute(ANSWER)
        columns = [column[0] for column in cursor.description or []]
        return row_lines(columns, cursor.fetchall(), {ordered})
    except (sqlite3.Error, sqlite3.Warning, ValueError) as error:
        return [f"{{type(error).__name__}}: {{error}}"]
    finally:
        database.close()


print(f"\\n{{SEPARATOR}}\\n".join("\\n".join(answer_lines(seed)) for seed in SEEDS))
'''
# The type's own template runs the answer as a program first, with all that it prints and asks for.
PYTHON_TEMPLATE = '''\
__student_answer__ = """{{ STUDENT_ANSWER | e('py') }}"""
SEPARATOR = "#<ab@17943918#@>#"
{% for TEST in TESTCASES %}
{{ TEST.testcode }}
{% if not loop.last %}
print(SEPARATOR)
{% endif %}
{% endfor %}
'''
PYTHON_TEST = """\
import coursewright_run
coursewright_run.show(__student_answer__, {file_name!r}, {test!r})"""


def writer() -> Writer:
    """Return how questions become one file."""
    return Writer(
        files=_files,
        head=(ExportedFile(NAME, HEAD.encode()),),
        tail=(ExportedFile(NAME, TAIL.encode()),),
    )


def _files(named: Named) -> Iterator[ExportedFile]:
    one = named.one
    path = f"$course$/top/{_step(one.course)}/{_step(one.module)}"
    category = element("question", wrapped("category", path), type="category")
    question = element("question", *_question(named), type="coderunner")
    yield ExportedFile(NAME, f"{category}\n{question}\n".encode())


def _step(name: str) -> str:
    return name.replace("/", "//")  # Moodle's own escape inside a category's path


def _question(named: Named) -> Iterator[str]:
    one = named.one
    is_python = one.kind is Kind.PYTHON
    yield wrapped("name", named.title)
    yield wrapped("questiontext", clean_html(one.text), format="html")
    yield wrapped("generalfeedback", one.explanation, format="plain_text")
    yield from (field(tag, text) for tag, text in _settings(one).items())
    yield from _python(one) if is_python else _sql(one)
    yield element("tags", *(element("tag", field("text", tag)) for tag in _tags(one)))


def _settings(one: Assignment) -> dict[str, str]:
    about = {"coursewright": provenance(one)}
    return {
        "defaultgrade": "1",
        "penalty": "0",
        "hidden": "0",
        "idnumber": one.assignment,
        "coderunnertype": "python3",
        "prototypetype": "0",
        "allornothing": "0",
        "penaltyregime": "0",
        "precheck": "0",
        "answerboxlines": "18",
        "answerpreload": one.code,
        "answer": one.solution,
        "validateonsave": "1",
        "templateparams": json.dumps(about, ensure_ascii=False),
        "twigall": "0",
    }


def _tags(one: Assignment) -> list[str]:
    return [f"model {one.model}", f"prompts {one.prompt_set}", f"difficulty {one.difficulty}"]


def _python(one: Assignment) -> Iterator[str]:
    columns = [["Test", "extra"], ["Expected", "expected"], ["Got", "got"]]
    yield field("template", PYTHON_TEMPLATE)
    yield field("iscombinatortemplate", "1")
    yield field("resultcolumns", json.dumps(columns))
    cases = (
        _case(
            PYTHON_TEST.format(file_name=one.file_name, test=test),
            expected=python_tests.PASSED,
            extra=test,
        )
        for test in test_ids(one)
    )
    runner = Path(python_tests.__file__).read_bytes()
    files = (_file(f"{python_tests.TESTS}.py", one.tests.encode()), _file(RUNNER, runner))
    yield element("testcases", *cases, *files)


def _sql(one: Assignment) -> Iterator[str]:
    rows = Path(answer_rows.__file__).read_text("utf-8").rstrip()
    columns = [["Data", "testcode"], ["Expected", "expected"], ["Got", "got"]]
    yield field("globalextra", one.schema_sql)
    yield field("template", SQL_TEMPLATE.format(rows=rows, ordered=one.ordered))
    yield field("iscombinatortemplate", "1")
    yield field("language", "python3")
    yield field("acelang", "sql")
    yield field("resultcolumns", json.dumps(columns))
    cases = (
        _case(
            each.name,
            expected="\n".join(row_lines(each.expected_columns, each.expected_rows, one.ordered)),
            extra=each.seed_sql,
            is_example=number == 0,
        )
        for number, each in enumerate(one.datasets)
    )
    yield element("testcases", *cases)


def _case(code: str, *, expected: str, extra: str, is_example: bool = False) -> str:
    return element(
        "testcase",
        wrapped("testcode", code),
        wrapped("stdin", ""),
        wrapped("expected", expected),
        wrapped("extra", extra),
        wrapped("display", "SHOW"),
        testtype="0",
        useasexample=str(int(is_example)),
        hiderestiffail="0",
        mark="1.0000000",
    )


def _file(name: str, content: bytes) -> str:
    return field("file", base64.b64encode(content).decode(), name=name, path="/", encoding="base64")
