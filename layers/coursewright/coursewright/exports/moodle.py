"""Writes Moodle XML with CodeRunner questions, one test case per test or dataset."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path

from coursewright.domain.assignment import Assignment
from coursewright.domain.brief import Kind
from coursewright.exports import python_test_runner, result_lines
from coursewright.exports.code_analysis import test_ids
from coursewright.exports.files import ExportedFile, ExportItem, FormatWriter
from coursewright.exports.provenance import provenance
from coursewright.exports.result_lines import format_result
from coursewright.exports.teacher_note import badge_text, teacher_note
from coursewright.exports.xml_text import element, nested_text_element, text_element
from coursewright.markup.sanitise import clean_html

FILE_NAME = "moodle.xml"
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<quiz>\n'
TAIL = "</quiz>\n"
RUNNER_FILE = "coursewright_run.py"

# CodeRunner's `sql` type prints NULL as nothing and truncates cells to its client's column widths.
SQL_TEMPLATE = '''\
{functions}

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
        return format_result(columns, cursor.fetchall(), {ordered})
    except (sqlite3.Error, sqlite3.Warning, ValueError) as error:
        return [f"{{type(error).__name__}}: {{error}}"]
    finally:
        database.close()


print(f"\\n{{SEPARATOR}}\\n".join("\\n".join(answer_lines(seed)) for seed in SEEDS))
'''
# CodeRunner's own template first runs the answer as a program, including its input and output.
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
coursewright_run.print_result(__student_answer__, {file_name!r}, {test!r})"""


def writer() -> FormatWriter:
    """Return the writer for Moodle XML, which puts all questions into one file."""
    return FormatWriter(
        files=_files,
        head=(ExportedFile(FILE_NAME, HEAD.encode()),),
        tail=(ExportedFile(FILE_NAME, TAIL.encode()),),
    )


def _files(item: ExportItem) -> Iterator[ExportedFile]:
    assignment = item.assignment
    path = f"$course$/top/{_path_part(assignment.course)}/{_path_part(assignment.module)}"
    category = element("question", nested_text_element("category", path), type="category")
    question = element("question", *_question(item), type="coderunner")
    yield ExportedFile(FILE_NAME, f"{category}\n{question}\n".encode())


def _path_part(name: str) -> str:
    return name.replace("/", "//")  # how Moodle escapes slashes in category paths


def _question(item: ExportItem) -> Iterator[str]:
    assignment = item.assignment
    is_python = assignment.kind is Kind.PYTHON
    yield nested_text_element("name", item.title)
    yield nested_text_element("questiontext", clean_html(assignment.text), format="html")
    yield nested_text_element("generalfeedback", assignment.explanation, format="plain_text")
    yield from (text_element(tag, text) for tag, text in _settings(assignment).items())
    yield from _python(assignment) if is_python else _sql(assignment)
    yield element("tags", *(element("tag", text_element("text", tag)) for tag in _tags(assignment)))


def _settings(assignment: Assignment) -> dict[str, str]:
    origin = {"coursewright": teacher_note(assignment) | provenance(assignment)}
    return {
        "defaultgrade": "1",
        "penalty": "0",
        "hidden": "0",
        "idnumber": assignment.assignment,
        "coderunnertype": "python3",
        "prototypetype": "0",
        "allornothing": "0",
        "penaltyregime": "0",
        "precheck": "0",
        "answerboxlines": "18",
        "answerpreload": assignment.code,
        "answer": assignment.solution,
        "validateonsave": "1",
        "templateparams": json.dumps(origin, ensure_ascii=False),
        "twigall": "0",
    }


def _tags(assignment: Assignment) -> list[str]:
    return [
        badge_text(assignment),
        f"model {assignment.model}",
        f"prompts {assignment.prompt_set}",
        f"difficulty {assignment.difficulty}",
    ]


def _python(assignment: Assignment) -> Iterator[str]:
    columns = [["Test", "extra"], ["Expected", "expected"], ["Got", "got"]]
    yield text_element("template", PYTHON_TEMPLATE)
    yield text_element("iscombinatortemplate", "1")
    yield text_element("resultcolumns", json.dumps(columns))
    cases = (
        _case(
            PYTHON_TEST.format(file_name=assignment.file_name, test=test),
            expected=python_test_runner.PASSED,
            extra=test,
        )
        for test in test_ids(assignment)
    )
    runner = Path(python_test_runner.__file__).read_bytes()
    files = (
        _file(f"{python_test_runner.TESTS_MODULE}.py", assignment.tests.encode()),
        _file(RUNNER_FILE, runner),
    )
    yield element("testcases", *cases, *files)


def _sql(assignment: Assignment) -> Iterator[str]:
    functions = Path(result_lines.__file__).read_text("utf-8").rstrip()
    columns = [["Data", "testcode"], ["Expected", "expected"], ["Got", "got"]]
    yield text_element("globalextra", assignment.schema_sql)
    yield text_element(
        "template", SQL_TEMPLATE.format(functions=functions, ordered=assignment.ordered)
    )
    yield text_element("iscombinatortemplate", "1")
    yield text_element("language", "python3")
    yield text_element("acelang", "sql")
    yield text_element("resultcolumns", json.dumps(columns))
    cases = (
        _case(
            dataset.name,
            expected="\n".join(
                format_result(dataset.expected_columns, dataset.expected_rows, assignment.ordered)
            ),
            extra=dataset.seed_sql,
            is_example=number == 0,
        )
        for number, dataset in enumerate(assignment.datasets)
    )
    yield element("testcases", *cases)


def _case(code: str, *, expected: str, extra: str, is_example: bool = False) -> str:
    return element(
        "testcase",
        nested_text_element("testcode", code),
        nested_text_element("stdin", ""),
        nested_text_element("expected", expected),
        nested_text_element("extra", extra),
        nested_text_element("display", "SHOW"),
        testtype="0",
        useasexample=str(int(is_example)),
        hiderestiffail="0",
        mark="1.0000000",
    )


def _file(name: str, content: bytes) -> str:
    return text_element(
        "file", base64.b64encode(content).decode(), name=name, path="/", encoding="base64"
    )
