"""One rule for email addresses holds in events, forms, settings and invitations."""

from collections.abc import Callable

import pytest
from pydantic import ValidationError

from coursewright.domain.address import MAX_ADDRESS_CHARS, parse_address
from coursewright.domain.errors import EventInvalid, InvitationRefused
from coursewright.domain.invitation import invited_address
from coursewright.domain.lesson import parse_module_published
from coursewright.domain.problems import ProblemCode
from coursewright.settings import Settings
from coursewright.steps.erase_reviewer import EraseReviewerTask
from tests.unit.domain.test_lesson import changed

BAD = {
    "a line break at the end": "ada@example.edu\n",
    "a second recipient": "ada@example.edu\nbcc:eve@evil.example",
    "a zero-width space": "ada@exam\u200bple.edu",
    "a right-to-left override": "ada\u202e@example.edu",
    "a null": "ada\0@example.edu",
    "a display name": "Ada <ada@example.edu>",
    "two at signs": "ada@evil.example@example.edu",
    "no at sign": "ada.example.edu",
    "a space": "ada lovelace@example.edu",
    "a comma": "ada@example.edu,eve@evil.example",
    "no top-level domain": "ada@localhost",
    "an address of a host": "ada@127.0.0.1",
    "an empty label": "ada@example..edu",
    "a final dot": "ada@example.edu.",
    "a hyphen at the end of a label": "ada@example-.edu",
    "a label too long": f"ada@{'a' * 64}.edu",
    "a dot at the end of the name": "ada.@example.edu",
    "no name": "@example.edu",
    "a name too long": f"{'a' * 65}@example.edu",
    "letters that email cannot carry": "ädä@example.edu",
    "an invalid internationalised domain": "ada@xn--a.edu",
    "a domain too long as punycode": f"ada@{'ü' * 60}.{'ö' * 60}.{'ä' * 60}.example.edu",
    "too long": f"ada@{'a.' * 130}edu",
    "60,000 dots": "a@" + "." * 60_000,
    "nothing": "",
}


@pytest.fixture(params=["event", "settings", "sender", "invitation", "erasure"])
def accept(request: pytest.FixtureRequest) -> Callable[[str], str]:
    readers: dict[str, Callable[[str], str]] = {
        "event": _reviewer_of_event,
        "settings": lambda text: Settings.model_validate(
            {"default_reviewers": (text,)}
        ).default_reviewers[0],
        "sender": lambda text: Settings(mail_from=text or "-").mail_from,
        "invitation": invited_address,
        "erasure": lambda text: str(EraseReviewerTask(reviewer=text).reviewer),
    }
    return readers[request.param]


def _reviewer_of_event(text: str) -> str:
    reviewers = parse_module_published(changed("detail.reviewers", [text])).reviewers
    assert reviewers is not None
    return reviewers[0]


@pytest.mark.parametrize("text", BAD.values(), ids=BAD)
def test_what_is_no_plain_address_is_refused_everywhere(
    accept: Callable[[str], str], text: str
) -> None:
    with pytest.raises((EventInvalid, InvitationRefused, ValidationError)):
        accept(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ada@example.edu", "ada@example.edu"),
        ("Ada.Lovelace+loops@sub.example.edu", "Ada.Lovelace+loops@sub.example.edu"),
        ("o'brien@example.edu", "o'brien@example.edu"),
        ("ada@bücher.example", "ada@xn--bcher-kva.example"),
        ("ada@xn--bcher-kva.example", "ada@xn--bcher-kva.example"),
        ("ada@пример.рф", "ada@xn--e1afmkfd.xn--p1ai"),
    ],
)
def test_a_plain_address_is_accepted_everywhere(
    accept: Callable[[str], str], text: str, expected: str
) -> None:
    assert accept(text) == expected


def test_the_longest_address_is_accepted() -> None:
    longest = f"{'a' * 64}@{'b' * 63}.{'c' * 63}.{'d' * 57}.edu"

    assert len(longest) == MAX_ADDRESS_CHARS
    assert parse_address(longest) == longest


def test_an_event_with_a_bad_address_names_the_field_and_the_problem() -> None:
    with pytest.raises(EventInvalid) as caught:
        parse_module_published(changed("detail.reviewers", ["ada@example.edu\n"]))

    assert caught.value.field == "detail.reviewers.0"
    assert caught.value.code is ProblemCode.ADDRESS_INVALID


def test_settings_list_addresses_separated_by_commas() -> None:
    text = " ada@example.edu , bo@example.edu ,"

    found = Settings.model_validate({"default_reviewers": text}).default_reviewers

    assert found == ("ada@example.edu", "bo@example.edu")
