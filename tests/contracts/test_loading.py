"""A function loads only what it needs, because every package slows down its cold start."""

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
SECRETS = {"coursewright.adapters.secrets", "coursewright.adapters.links", "itsdangerous"}
MESSAGES = {"coursewright.adapters.email", "coursewright.adapters.notifications"}
ERASURE = {"coursewright.adapters.erasure"}


@pytest.mark.parametrize(
    ("function", "unneeded"),
    [
        ("start_generation", MODELS | PAGES | CHECKS | UPLOADS | SECRETS | MESSAGES | ERASURE),
        ("verify_draft", MODELS | PAGES | CHECKS | UPLOADS | SECRETS | MESSAGES | ERASURE),
        ("show_review", MODELS | CHECKS | UPLOADS | ERASURE),
        ("show_authoring", MODELS | CHECKS | UPLOADS),
        ("check_code", MODELS | PAGES | {"boto3"}),
    ],
)
def test_a_function_loads_only_what_it_needs(function: str, unneeded: set[str]) -> None:
    path = [str(ROOT / "functions" / function), str(ROOT / "layers" / "coursewright")]
    program = "import sys, app; print(*sys.modules)"

    done = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(path)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert unneeded & set(done.stdout.split()) == set()
