"""Checks a draft in the sandbox; its role can only write logs."""

from typing import Any

from coursewright.verification.check import check
from coursewright.verification.check_request import parse_request


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Check a draft's parts and return the evidence."""
    return check(parse_request(event)).model_dump(mode="json")
