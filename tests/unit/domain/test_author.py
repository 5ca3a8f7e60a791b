"""An author is named by the issuer's claims, and recognised by address or `sub`."""

import pytest
from pydantic import ValidationError

from coursewright.domain.author import (
    ERASED_AUTHOR,
    MAX_NAME_CHARS,
    Author,
    Person,
    author_from_claims,
)

LIN = Author(sub="9f3c", name="Lin Chen", email="lin@example.edu")


def test_an_author_is_named_by_the_claims_of_a_token() -> None:
    claims = {"sub": "9f3c", "name": "Lin Chen", "email": "lin@example.edu", "iat": "1"}

    assert author_from_claims(claims) == LIN


@pytest.mark.parametrize(
    ("client", "expected"), [("9f3c", True), ("browser", False), (None, False)]
)
def test_a_token_of_a_client_itself_names_a_program(client: str | None, expected: bool) -> None:
    claims = {"sub": "9f3c"} | ({"client_id": client} if client else {})

    assert author_from_claims(claims).is_program is expected


@pytest.mark.parametrize("claims", [{}, {"sub": ""}, {"sub": "a\u202eb"}, {"sub": "x" * 256}])
def test_claims_without_a_usable_sub_name_nobody(claims: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        author_from_claims(claims)


def test_invisible_characters_and_excess_length_are_cut_from_a_name() -> None:
    author = author_from_claims({"sub": "1", "name": f"A\u202e\n\x00{'b' * 400}"})

    assert author.name == f"A{'b' * (MAX_NAME_CHARS - 1)}"


@pytest.mark.parametrize("unverified", [False, "false", "False"])
def test_an_address_that_the_issuer_has_not_verified_is_not_used(unverified: object) -> None:
    claims = {"sub": "1", "email": "dean@example.edu", "email_verified": unverified}

    assert author_from_claims(claims).email == ""


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("lin@example.edu", True),
        (" LIN@EXAMPLE.EDU ", True),
        ("lin+second@example.edu", True),
        ("lin@example.org", False),
        ("not-lin@example.edu", False),
    ],
)
def test_an_author_is_known_by_every_spelling_of_the_address(address: str, expected: bool) -> None:
    assert LIN.reads_mail_of(address) is expected


def test_a_sub_that_is_an_address_counts_as_one() -> None:
    assert Author(sub="Lin@example.edu").reads_mail_of("lin@example.edu")


def test_a_pseudonym_differs_for_every_generation() -> None:
    names = {LIN.pseudonym(salt) for salt in ("a", "b", "a")}

    assert len(names) == 2
    assert not any(text in name for name in names for text in ("lin", LIN.sub))


@pytest.mark.parametrize(
    ("person", "expected"),
    [
        (Person(address="LIN@example.edu"), True),
        (Person(sub="9f3c"), True),
        (Person(address="ada@example.edu"), False),
        (Person(sub="9F3C"), False),
        (Person(), False),
    ],
)
def test_a_person_is_found_by_address_or_sub(person: Person, expected: bool) -> None:
    assert person.is_author(LIN) is expected


def test_nobody_is_found_in_an_erased_author() -> None:
    erased = Author(sub=ERASED_AUTHOR)

    assert not Person(sub=ERASED_AUTHOR).is_author(erased)
    assert erased.label == ""
