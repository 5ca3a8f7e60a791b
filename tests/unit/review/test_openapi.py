"""For any request, the site follows its OpenAPI description and decides nothing unsigned."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coursewright.domain.review import Decision
from coursewright.web.responses import SECURITY_HEADERS, Response
from tests.cloudformation import load_template
from tests.unit.review.builders import GENERATION, SITE, ReviewHarness
from tests.unit.review.site import Site

ROOT = Path(__file__).parents[3]
PAGES = ROOT / "layers" / "coursewright" / "coursewright" / "pages"
DESCRIPTION: dict[str, Any] = yaml.safe_load((PAGES / "openapi.yaml").read_text("utf-8"))
FUNCTIONS = ("show_review", "decide_review", "edit_draft", "invite_reviewer")
METHODS = ("get", "head", "post")
OPERATIONS = [
    (method, path)
    for path, item in DESCRIPTION["paths"].items()
    for method in METHODS
    if method in item
]
FORM_TYPE = "application/x-www-form-urlencoded"


@cache
def routes() -> dict[str, set[tuple[str, str]]]:
    """Return the routes of each function that serves reviewers."""
    resources = load_template(ROOT / "template.yaml")["Resources"]
    found = {}
    for function in FUNCTIONS:
        logical = "".join(word.title() for word in function.split("_")) + "Function"
        events = resources[logical]["Properties"]["Events"].values()
        found[function] = {
            (event["Properties"]["Method"], event["Properties"]["Path"]) for event in events
        }
    return found


def resolved(part: Any) -> Any:
    """Return the target of a reference within the description."""
    while isinstance(part, dict) and "$ref" in part:
        found = DESCRIPTION
        for name in part["$ref"].removeprefix("#/").split("/"):
            found = found[name]
        part = found
    return part


def fields(schema: Any) -> dict[str, Any]:
    """Return the properties of a form."""
    whole = resolved(schema)
    if "allOf" in whole:
        return {name: schema for part in whole["allOf"] for name, schema in fields(part).items()}
    found: dict[str, Any] = whole["properties"]
    return found


@st.composite
def forms(draw: st.DrawFn, operation: Any, harness: ReviewHarness, csrf: str) -> dict[str, Any]:
    """Fill in a form with valid or arbitrary values."""
    body = resolved(operation).get("requestBody")
    if body is None:
        return {}
    drafts = st.sampled_from([draft.draft for draft in harness.review.drafts])
    real = {
        "csrf": st.just(csrf),
        "shown_sha256": st.just(harness.review.shown_sha256),
        "approve": st.lists(drafts, max_size=4),
        "reject": st.lists(drafts, max_size=4),
        "pick": drafts,
        "edit": st.sampled_from(["1", "4", "5", "x"]),
        "seen": st.just("0"),
    }
    filled = {}
    for name, schema in fields(body["content"][FORM_TYPE]["schema"]).items():
        known = real[name] if name in real else st.sampled_from(schema.get("enum", [""]))
        value = draw(st.one_of(st.none(), known, known, st.text(max_size=30)))
        if value is not None:
            filled[name] = value
    return filled


def described(answer: Response, operation: Any) -> bool:
    """Return whether the description documents this response."""
    known = resolved(operation)["responses"]
    response = known.get(str(answer.status)) or known.get(f"{answer.status // 100}XX")
    if response is None:
        return False
    content = resolved(response).get("content")
    return content is None or answer.headers["content-type"] in content


def test_the_description_and_the_template_name_the_same_routes() -> None:
    expected = {(method, path) for own in routes().values() for method, path in own}

    assert {(method.upper(), path) for method, path in OPERATIONS} == expected


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
@settings(max_examples=15, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_request_gets_a_documented_response_and_decides_nothing(
    method: str, path: str, data: st.DataObject
) -> None:
    harness = ReviewHarness().open()
    harness.request()
    cookie = data.draw(
        st.sampled_from([harness.enter(), "", "review=forged", harness.enter() + "x"])
    )
    csrf = harness.links.csrf(cookie.partition("=")[2])
    operation = DESCRIPTION["paths"][path][method]
    own = {"generation": GENERATION, "round": "1", "place": "1", "link": harness.signed()}
    anything = st.text(min_size=1, max_size=20)
    sent = re.sub(
        r"\{(\w+)\}",
        lambda placeholder: quote(
            data.draw(st.one_of(st.just(own[placeholder[1]]), anything)), safe=""
        ),
        path,
    )
    headers = data.draw(
        st.sampled_from([{"origin": SITE}, {}, {"origin": "null"}, {"origin": "https://evil"}])
    )
    body = urlencode(data.draw(forms(operation, harness, csrf)), doseq=True)

    answer = Site(harness, routes()).answer(
        method.upper(),
        sent,
        headers=headers | {"content-type": FORM_TYPE},
        cookies=[cookie] if cookie else [],
        body=body,
    )

    assert answer.status < 500
    assert described(answer, operation), (answer.status, answer.headers)
    assert SECURITY_HEADERS.items() <= answer.headers.items()
    assert harness.review.decision is Decision.PENDING
    assert harness.reviews.edits(harness.review) == ()
    if answer.headers.get("content-type") == "application/json":
        assert json.loads(answer.body)["entries"]
