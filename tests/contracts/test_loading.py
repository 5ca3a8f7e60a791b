"""A function loads what it needs and no more: each package takes time of its first call."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODELS = {"langchain_core", "langgraph", "openai", "anthropic", "google.genai"}
PAGES = {"jinja2", "nh3", "pygments"}
CHECKS = {"coursewright.verification.check_request", "eryx", "sqlglot"}
UPLOADS = {"email.policy"}


@pytest.mark.parametrize(
    ("function", "needless"),
    [
        ("start_generation", MODELS | PAGES | CHECKS | UPLOADS),
        ("verify_draft", MODELS | PAGES | CHECKS | UPLOADS),
        ("show_review", MODELS | CHECKS | UPLOADS),
        ("show_authoring", MODELS | CHECKS | UPLOADS),
        ("check_code", MODELS | PAGES | {"boto3"}),
    ],
)
def test_a_function_loads_nothing_that_it_does_not_need(function: str, needless: set[str]) -> None:
    path = [str(ROOT / "functions" / function), str(ROOT / "layers" / "coursewright")]
    program = "import sys, app; print(*sys.modules)"

    done = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(path)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert needless & set(done.stdout.split()) == set()
