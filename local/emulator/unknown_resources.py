"""Defect of ministack 1.5.33: templates with some resource types are rejected.

An event archive is created as on AWS. Resources that only monitor, group or bill other resources
are accepted and have no effect. Every other unknown type is still rejected.
"""

import json
from functools import cache
from typing import Any

from ministack.services import eventbridge
from ministack.services.cloudformation import provisioners

from local.emulator.patch_point import patch_point, patch_points

WITHOUT_EFFECT = (
    "AWS::Budgets::Budget",
    "AWS::CloudWatch::CompositeAlarm",
    "AWS::Events::EventBusPolicy",
    "AWS::Logs::QueryDefinition",
    "AWS::ResourceGroups::Group",
    "AWS::XRay::Group",
)


def create_archive(logical_id: str, props: dict[str, Any], stack: str) -> Any:
    """Create an archive of an event bus."""
    name = props.get("ArchiveName") or f"{stack}-{logical_id}"[:48]
    pattern = props.get("EventPattern")
    status, _, body = eventbridge._create_archive(
        {
            "ArchiveName": name,
            "EventSourceArn": props["SourceArn"],
            "RetentionDays": int(props.get("RetentionDays", 0)),
            "EventPattern": json.dumps(pattern) if pattern else "",
        }
    )
    if status != 200:
        raise ValueError(f"AWS::Events::Archive {logical_id}: {body!r}")
    return name, {"ArchiveName": name, "Arn": json.loads(body)["ArchiveArn"]}


def delete_archive(physical_id: str, _props: dict[str, Any]) -> None:
    """Delete an archive."""
    eventbridge._delete_archive({"ArchiveName": physical_id})


def create_nothing(logical_id: str, _props: dict[str, Any], stack: str) -> Any:
    """Accept a resource that has no effect on a laptop."""
    return f"{stack}-{logical_id}", {"Arn": f"arn:aws:local:::{stack}-{logical_id}"}


def delete_nothing(_physical_id: str, _props: dict[str, Any]) -> None:
    """Accept the deletion of a resource that has no effect on a laptop."""


@cache
def apply() -> None:
    """Accept these resources in templates."""
    patch_points(eventbridge, "_create_archive", "_delete_archive")
    handlers = patch_point(provisioners, "_RESOURCE_HANDLERS")
    handlers["AWS::Events::Archive"] = {"create": create_archive, "delete": delete_archive}
    for resource_type in WITHOUT_EFFECT:
        handlers[resource_type] = {"create": create_nothing, "delete": delete_nothing}
