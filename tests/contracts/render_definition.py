"""Prints a state machine with its substitutions filled in, for asl-validator."""

import json
import re
import sys
from pathlib import Path
from typing import Any

from tests.cloudformation import load_template

ROOT = Path(__file__).parents[2]
FUNCTION_ARN = "arn:aws:lambda:eu-west-1:123456789012:function:"
MACHINES = {"author_assignments": "AuthorAssignments", "author_course": "AuthorCourse"}


def definition_text(machine: str = "author_assignments") -> str:
    """Return a definition's text as stored in the repository."""
    return (ROOT / "statemachine" / f"{machine}.asl.json").read_text("utf-8")


def substitutions(machine: str = "author_assignments") -> dict[str, str]:
    """Return a plausible value for each substitution in the template."""
    template = load_template(ROOT / "template.yaml")
    properties = template["Resources"][MACHINES[machine]]["Properties"]
    return {name: _plausible(template, name) for name in properties["DefinitionSubstitutions"]}


def rendered_definition(machine: str = "author_assignments") -> dict[str, Any]:
    """Return a definition with the template's substitutions filled in."""
    values = substitutions(machine)
    text = re.sub(
        r"\$\{(\w+)\}",
        lambda placeholder: values.get(placeholder[1], placeholder[0]),
        definition_text(machine),
    )
    definition: dict[str, Any] = json.loads(text)
    return definition


def _plausible(template: dict[str, Any], name: str) -> str:
    if name.endswith("Function"):
        return FUNCTION_ARN + name
    parameter = template["Parameters"].get(name, {})
    return str(parameter.get("Default", name))


if __name__ == "__main__":
    json.dump(rendered_definition(*sys.argv[1:]), sys.stdout, indent=2)
