"""Defect in ministack 1.5.33: templates with some resource types are rejected.

Resources that only monitor, group or bill other resources
are accepted and have no effect. Every other unknown type is still rejected.
"""

from functools import cache
from typing import Any

from ministack.services.cloudformation import provisioners

from local.emulator.patch_point import patch_point

WITHOUT_EFFECT = (
    "AWS::Budgets::Budget",
    "AWS::CloudWatch::CompositeAlarm",
    "AWS::Events::EventBusPolicy",
    "AWS::Logs::QueryDefinition",
    "AWS::ResourceGroups::Group",
    "AWS::XRay::Group",
)


def create_nothing(logical_id: str, _props: dict[str, Any], stack: str) -> Any:
    """Accept a resource without creating anything."""
    return f"{stack}-{logical_id}", {"Arn": f"arn:aws:local:::{stack}-{logical_id}"}


def delete_nothing(_physical_id: str, _props: dict[str, Any]) -> None:
    """Accept a deletion without deleting anything."""


@cache
def apply() -> None:
    """Accept templates that contain these resources."""
    handlers = patch_point(provisioners, "_RESOURCE_HANDLERS")
    for resource_type in WITHOUT_EFFECT:
        handlers[resource_type] = {"create": create_nothing, "delete": delete_nothing}
