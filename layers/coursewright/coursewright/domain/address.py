"""The rule for email addresses in events, forms, settings and invitations."""

import re
import string
from typing import Annotated

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from coursewright.domain.problems import ProblemCode

MAX_ADDRESS_CHARS = 254  # https://www.rfc-editor.org/errata/eid1690
MAX_LOCAL_CHARS = 64
REFUSAL = "this is not an email address"
# The email service accepts ASCII only before the @. https://datatracker.ietf.org/doc/html/rfc5322
LOCAL_CHARACTERS = frozenset(string.ascii_letters + string.digits + "!#$%&'*+-/=?^_`{|}~.")
LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")


def parse_address(text: str) -> str:
    """Return a plain email address, with an internationalised domain as punycode.

    Raises: ValueError.
    """
    if len(text) > MAX_ADDRESS_CHARS or not text.isprintable() or text.count("@") != 1:
        raise ValueError(REFUSAL)
    local, _, domain = text.partition("@")
    domain = _ascii_domain(domain)
    address = f"{local}@{domain}"
    if not (_is_local(local) and _is_domain(domain)) or len(address) > MAX_ADDRESS_CHARS:
        raise ValueError(REFUSAL)
    return address


def email_domain(address: str) -> str:
    """Return the part of an address after the @, in lower case."""
    return address.rpartition("@")[2].lower()


def ascii_domain(domain: str) -> str:
    """Return a domain as punycode in lower case. Raises: ValueError."""
    return _ascii_domain(domain.strip()).lower()


def _validate(text: str) -> str:
    try:
        return parse_address(text)
    except ValueError as error:
        raise PydanticCustomError(ProblemCode.ADDRESS_INVALID.value, REFUSAL) from error


Address = Annotated[str, AfterValidator(_validate)]


def _ascii_domain(domain: str) -> str:
    if domain.isascii() and "xn--" not in domain.lower():
        return domain
    import idna  # few addresses need it

    return idna.encode(domain, uts46=True, std3_rules=True).decode()


def _is_local(text: str) -> bool:
    return (
        0 < len(text) <= MAX_LOCAL_CHARS
        and LOCAL_CHARACTERS.issuperset(text)
        and all(text.split("."))
    )


def _is_domain(text: str) -> bool:
    labels = text.split(".")
    is_named = len(labels) > 1 and not labels[-1].isdigit()
    return is_named and all(map(LABEL.fullmatch, labels))
