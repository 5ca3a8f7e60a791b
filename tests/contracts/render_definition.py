"""Prints the state machine with its substitutions made, for asl-validator."""

import json
import re
import sys
from pathlib import Path
from typing import Any

from tests.cloudformation import load_template

ROOT = Path(__file__).parents[2]
DEFINITION = ROOT / "statemachine" / "author_assignments.asl.json"
FUNCTION_ARN = "arn:aws:lambda:eu-west-1:123456789012:function:"


def definition_text() -> str:
    """Give the definition as it lies in the repository."""
    return DEFINITION.read_text("utf-8")


def substitutions() -> dict[str, str]:
    """Give a plausible value for each substitution that the template makes."""
    template = load_template(ROOT / "template.yaml")
    properties = template["Resources"]["AuthorAssignments"]["Properties"]
    return {name: _plausible(template, name) for name in properties["DefinitionSubstitutions"]}


def rendered_definition() -> dict[str, Any]:
    """Give the definition with the template's substitutions made."""
    values = substitutions()
    text = re.sub(r"\$\{(\w+)\}", lambda gap: values.get(gap[1], gap[0]), definition_text())
    definition: dict[str, Any] = json.loads(text)
    return definition


def _plausible(template: dict[str, Any], name: str) -> str:
    if name.endswith("Function"):
        return FUNCTION_ARN + name
    parameter = template["Parameters"].get(name, {})
    return str(parameter.get("Default", name))


if __name__ == "__main__":
    json.dump(rendered_definition(), sys.stdout, indent=2)
