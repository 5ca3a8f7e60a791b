"""Lowers a tool's JSON Schema to the keywords that a provider accepts in a strict schema.

Providers reject strict schemas that contain unsupported keywords. Checks that a provider does not
support are therefore described to the model in words; pydantic still makes all of them.
"""

from collections.abc import Collection
from typing import Any

SHAPE = {
    "type",
    "description",
    "enum",
    "const",
    "anyOf",
    "properties",
    "items",
    "required",
    "additionalProperties",
}
LIMITS = {
    "minLength": "length at least {}",
    "maxLength": "length at most {}",
    "minimum": "value at least {}",
    "maximum": "value at most {}",
    "minItems": "number of items at least {}",
    "maxItems": "number of items at most {}",
    "pattern": "must match {}",
    "format": "format {}",
}
OPENAI_CHECKS = {"pattern", "format", "minimum", "maximum", "minItems", "maxItems"}
CLAUDE_CHECKS = {"format", "minItems 0", "minItems 1"}
GEMINI_CHECKS = {"format", "minimum", "maximum", "minItems", "maxItems"}


def lower_schema(schema: dict[str, Any], checks: Collection[str]) -> dict[str, Any]:
    """Return the schema with every field required, and without checks that are not accepted.

    A check is a keyword, or a keyword with its only accepted value. References must already be
    resolved.
    """
    lowered: dict[str, Any] = {}
    for keyword, value in schema.items():
        if keyword == "properties":
            lowered[keyword] = {name: lower_schema(field, checks) for name, field in value.items()}
        elif keyword == "items":
            lowered[keyword] = lower_schema(value, checks)
        elif keyword == "anyOf":
            lowered[keyword] = [lower_schema(option, checks) for option in value]
        elif keyword in SHAPE or _is_accepted(keyword, value, checks):
            lowered[keyword] = value
    if "properties" in lowered:
        lowered |= {"required": list(lowered["properties"]), "additionalProperties": False}
    return lowered | _describe_limits(schema, checks)


def _is_accepted(keyword: str, value: Any, checks: Collection[str]) -> bool:
    return keyword in checks or f"{keyword} {value}" in checks


def _describe_limits(schema: dict[str, Any], checks: Collection[str]) -> dict[str, str]:
    limits = [
        phrase.format(schema[keyword])
        for keyword, phrase in LIMITS.items()
        if keyword in schema and not _is_accepted(keyword, schema[keyword], checks)
    ]
    if not limits:
        return {}
    description = f"{schema.get('description', '')} Limits: {', '.join(limits)}."
    return {"description": description.strip()}
