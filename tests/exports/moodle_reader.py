"""Reads Moodle XML like Moodle and runs questions like CodeRunner."""

import base64
import json
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from pathlib import Path

import jinja2

SEPARATOR = "#<ab@17943918#@>#"


def questions(path: Path) -> list[ET.Element]:
    return ET.parse(path).getroot().findall("question[@type='coderunner']")


def text(question: ET.Element, path: str) -> str:
    return question.findtext(path) or ""


def marks(question: ET.Element, answer: str) -> list[bool]:
    """Return, for each test case, whether the answer passes it."""
    cases = question.findall("testcases/testcase")
    assert text(question, "coderunnertype") == "python3"
    with tempfile.TemporaryDirectory() as folder:
        for file in question.findall("testcases/file"):
            content = base64.b64decode(file.text or "")
            Path(folder, file.get("name") or "").write_bytes(content)
        printed = _run(_program(question, answer, cases), Path(folder))
    given = printed.split(SEPARATOR + "\n") + [""] * len(cases)
    return [
        _trimmed(got) == _trimmed(text(case, "expected/text"))
        for got, case in zip(given, cases, strict=False)
    ]


def _program(question: ET.Element, answer: str, cases: Sequence[ET.Element]) -> str:
    if template := text(question, "template"):
        return _rendered(template, question, answer, cases)
    codes = f"\nprint({SEPARATOR!r})\n".join(text(case, "testcode/text") for case in cases)
    return f'{answer}\n\n__student_answer__ = """{_python(answer)}"""\n\n{codes}\n'


def _rendered(template: str, question: ET.Element, answer: str, cases: Sequence[ET.Element]) -> str:
    twig = jinja2.Environment(trim_blocks=True, autoescape=False)
    twig.filters["e"] = lambda value, _: _python(value)
    return twig.from_string(template).render(
        STUDENT_ANSWER=answer,
        QUESTION={
            "globalextra": text(question, "globalextra"),
            "parameters": json.loads(text(question, "templateparams") or "{}"),
        },
        TESTCASES=[
            {"extra": text(case, "extra/text"), "testcode": text(case, "testcode/text")}
            for case in cases
        ],
    )


def _python(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')


def _run(program: str, folder: Path) -> str:
    Path(folder, "prog.py").write_text(program, "utf-8")
    done = subprocess.run(
        [sys.executable, "prog.py"],
        cwd=folder,
        capture_output=True,
        check=False,
        timeout=30,
    )
    return done.stdout.decode()


def _trimmed(printed: str) -> str:
    return "\n".join(line.rstrip() for line in printed.rstrip().splitlines())
