"""An invalid event is rejected with a message that names the field."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursewright.domain.errors import EventInvalid
from coursewright.domain.lesson import parse_module_published, require_lesson_text
from coursewright.domain.problems import ProblemCode

EVENT: dict[str, Any] = {
    "source": "courses",
    "detail-type": "Module Published",
    "detail": {
        "course": {"id": "python-basics", "title": "Python basics", "kind": "python"},
        "module": {"id": "loops", "title": "Loops", "html": "<h1>Loops</h1>"},
        "brief": {"tasks_count": 5, "models": ["openai:gpt-5.4-mini"], "language": "en"},
        "reviewers": ["ada@example.edu"],
    },
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


def changed(path: str, value: Any) -> dict[str, Any]:
    event = copy.deepcopy(EVENT)
    *parents, last = path.split(".")
    place = event
    for name in parents:
        place = place[name]
    place[last] = value
    return event


def test_a_complete_event_is_read() -> None:
    published = parse_module_published(EVENT)

    assert published.course.id == "python-basics"
    assert published.brief.models == ("openai:gpt-5.4-mini",)


@pytest.mark.parametrize(
    "html",
    [" \n", "<p> </p><br>", "<img src=x>", "<!-- notes -->", "<script>x()</script>", "&nbsp;"],
)
def test_a_lesson_without_text_is_refused(html: str) -> None:
    with pytest.raises(EventInvalid) as caught:
        require_lesson_text(html, "detail.module.html")

    assert caught.value.code is ProblemCode.LESSON_EMPTY


def test_a_lesson_above_5_mb_is_refused() -> None:
    require_lesson_text("ö" * 2_500_000, "detail.module.s3")

    with pytest.raises(EventInvalid) as caught:
        require_lesson_text("ö" * 2_500_001, "detail.module.s3")

    assert caught.value.code is ProblemCode.LESSON_TOO_LARGE


def test_unknown_fields_are_ignored() -> None:
    event = changed("detail.producer", {"name": "x"})

    assert parse_module_published(event).module.id == "loops"


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        ("source", "elsewhere", "detail-type"),
        ("detail", None, "detail"),
        ("detail.course", {"id": "a", "title": "A"}, "detail.course.kind"),
        ("detail.course.kind", "cobol", "detail.course.kind"),
        ("detail.course.id", "a b/c#d", "detail.course.id"),
        ("detail.module.html", "", "detail.module.html"),
        ("detail.module.html", None, "detail.module"),
        ("detail.brief.tasks_count", 0, "detail.brief.tasks_count"),
        ("detail.brief.tasks_count", "5", "detail.brief.tasks_count"),
        ("detail.brief.tasks_count", 21, "detail.brief.tasks_count"),
        ("detail.brief.models", [], "detail.brief.models"),
        ("detail.brief.models", ["gpt"], "detail.brief.models.0"),
        ("detail.brief.models", ["openai:a", "openai:a"], "detail.brief"),
        ("detail.brief.language", "english", "detail.brief.language"),
        ("detail.brief.audience", {"level": "wizard"}, "detail.brief.audience.level"),
        ("detail.reviewers", ["ada at example"], "detail.reviewers.0"),
        ("detail.reviewers", [], "detail.reviewers"),
    ],
)
def test_a_bad_field_is_named(path: str, value: Any, field: str) -> None:
    with pytest.raises(EventInvalid) as caught:
        parse_module_published(changed(path, value))

    assert caught.value.field == field
    assert str(caught.value).startswith(f"{field}: ")


def test_a_megabyte_of_junk_yields_a_short_error() -> None:
    event = changed("detail.course", "x" * 1_000_000)

    with pytest.raises(EventInvalid) as caught:
        parse_module_published(event)

    assert len(str(caught.value)) < 300


@given(detail=JSON)
def test_any_input_is_an_event_or_an_error_naming_its_field(detail: Any) -> None:
    with pytest.raises(EventInvalid):
        parse_module_published(EVENT | {"detail": detail})
