"""Defect in ministack 1.5.33: CloudFormation ignores a table's `TimeToLiveSpecification`."""

from functools import cache
from typing import Any

from ministack.services import dynamodb

from local.emulator.patch_point import patch_points, resource_handler


@cache
def apply() -> None:
    """Enable time to live on tables whose template specifies it."""
    patch_points(dynamodb, "_update_ttl")
    table = resource_handler("AWS::DynamoDB::Table")
    create_table = table["create"]

    def create_with_ttl(logical_id: str, props: dict[str, Any], stack: str) -> Any:
        created = create_table(logical_id, props, stack)
        ttl = props.get("TimeToLiveSpecification")
        if ttl:
            enabled = str(ttl.get("Enabled")).lower() == "true"
            attribute = {"AttributeName": ttl["AttributeName"], "Enabled": enabled}
            dynamodb._update_ttl({"TableName": created[0], "TimeToLiveSpecification": attribute})
        return created

    table["create"] = create_with_ttl
