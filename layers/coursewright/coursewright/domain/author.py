"""The person who requested a generation or an export."""

import hmac
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from coursewright.domain.address import parse_address
from coursewright.domain.base import Record

MAX_SUB_CHARS = 255  # https://openid.net/specs/openid-connect-core-1_0.html#IDToken
MAX_NAME_CHARS = 200
PSEUDONYM_PREFIX = "author:"
ERASED_AUTHOR = f"{PSEUDONYM_PREFIX}erased"


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("this contains invisible characters")
    return text


def _address(text: str) -> str:
    return parse_address(text) if text else ""


class Author(Record):
    """A course author as named by the issuer; `sub` never changes, the rest may be empty.

    A program that acts on its own behalf has no mailbox, so it cannot be a reviewer.
    """

    sub: Annotated[str, Field(min_length=1, max_length=MAX_SUB_CHARS), AfterValidator(_printable)]
    name: Annotated[str, Field(max_length=MAX_NAME_CHARS), AfterValidator(_printable)] = ""
    email: Annotated[str, AfterValidator(_address)] = ""
    is_program: bool = False

    @property
    def label(self) -> str:
        """The author's name as shown to colleagues."""
        if self.sub == ERASED_AUTHOR:
            return ""
        return self.name or self.email or self.sub

    def reads_mail_of(self, address: str) -> bool:
        """Return whether an address, with or without a `+tag`, is this author's."""
        own = {_mailbox(text) for text in (self.email, self.sub) if "@" in text}
        return _mailbox(address) in own

    def pseudonym(self, salt: str) -> str:
        """Return the author's name in the audit; resolving it requires the generation's salt."""
        digest = hmac.new(salt.encode(), self.sub.encode(), "sha256").hexdigest()
        return PSEUDONYM_PREFIX + digest[:16]


class Person(Record):
    """A person to erase, known by an email address, by the issuer's `sub`, or by both."""

    address: str = ""
    sub: str = ""

    def is_author(self, author: Author | None) -> bool:
        """Return whether this person is the given author."""
        if author is None or author.sub == ERASED_AUTHOR:
            return False
        known = {author.sub.lower(), author.email.lower()} - {""}
        return self.sub == author.sub or self.address.lower() in known


def author_from_claims(claims: Mapping[str, Any]) -> Author:
    """Return the author named by a validated token. Raises: ValueError without a usable `sub`."""
    name = claims.get("name") or claims.get("preferred_username")
    return Author(
        sub=str(claims.get("sub") or ""),
        name=_visible(name, MAX_NAME_CHARS),
        email=_verified_address(claims),
        # https://datatracker.ietf.org/doc/html/rfc9068#section-2.2
        is_program=bool(claims.get("sub")) and claims.get("client_id") == claims.get("sub"),
    )


def _verified_address(claims: Mapping[str, Any]) -> str:
    is_unverified = str(claims.get("email_verified", "true")).lower() == "false"
    try:
        return "" if is_unverified else parse_address(str(claims.get("email") or ""))
    except ValueError:
        return ""


def _visible(claim: object, limit: int) -> str:
    text = claim if isinstance(claim, str) else ""
    return "".join(character for character in text if character.isprintable()).strip()[:limit]


def _mailbox(address: str) -> str:
    local, _, domain = address.strip().lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"
