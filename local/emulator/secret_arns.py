"""Defect in ministack 1.5.33: `Ref` of a secret returns its name instead of its ARN.

A policy that refers to a secret by `Ref` would match no resource.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-secretsmanager-secret.html
"""

from functools import cache
from typing import Any

from local.emulator.patch_point import resource_handler


@cache
def apply() -> None:
    """Use the ARN as a secret's physical id; ministack finds secrets by either."""
    handler = resource_handler("AWS::SecretsManager::Secret")
    create, delete = handler["create"], handler["delete"]

    def create_secret(logical_id: str, props: dict[str, Any], stack: str) -> Any:
        _, attributes = create(logical_id, props, stack)
        return attributes["Arn"], attributes

    def delete_secret(physical_id: str, *rest: Any) -> None:
        name = physical_id.rpartition(":secret:")[2].rpartition("-")[0]
        delete(name or physical_id, *rest)

    handler["create"], handler["delete"] = create_secret, delete_secret
