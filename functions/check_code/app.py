"""Checks a draft in the sandbox; this function's role can do nothing but log."""

from typing import Any

from coursewright.verification.check import check
from coursewright.verification.check_request import parse_request


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Turn a draft's parts into evidence."""
    return check(parse_request(event)).model_dump(mode="json")
