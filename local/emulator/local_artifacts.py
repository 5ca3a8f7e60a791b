"""Defect in ministack 1.5.33: a SAM template with local folders cannot be deployed.

For AWS, `sam package` uploads the folders and rewrites the template. Here the deployed template is
unchanged: the uploaded archives replace the folders only in the parsed template, just before the
SAM transform reads it.
"""

import copy
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

from ministack.services.cloudformation import changesets, engine, handlers

from local.emulator.patch_point import patch_point

ARTIFACT_PROPERTIES = {
    "AWS::Serverless::Function": "CodeUri",
    "AWS::Serverless::LayerVersion": "ContentUri",
    "AWS::Serverless::StateMachine": "DefinitionUri",
}

_uploaded: dict[str, str] = {}


def local_artifact_path(resource: Mapping[str, Any]) -> str | None:
    """Return the local path that a resource contains, or None."""
    name = ARTIFACT_PROPERTIES.get(resource.get("Type", ""))
    value = (resource.get("Properties") or {}).get(name)
    return value if isinstance(value, str) and not value.startswith("s3://") else None


def local_artifact_paths(template: str) -> dict[str, str]:
    """Return the local paths in a template with their resource types."""
    resources = engine._parse_template(template)["Resources"].values()
    kinds = {local_artifact_path(resource): resource["Type"] for resource in resources}
    return {path: kind for path, kind in kinds.items() if path is not None}


@contextmanager
def uploaded(addresses: Mapping[str, str]) -> Iterator[None]:
    """In templates deployed inside this block, replace local paths with uploaded addresses."""
    _uploaded.update(addresses)
    try:
        yield
    finally:
        _uploaded.clear()


def packaged(template: dict[str, Any]) -> dict[str, Any]:
    """Return the template with uploaded archives in place of local paths."""
    result = copy.deepcopy(template)
    for resource in result.get("Resources", {}).values():
        path = local_artifact_path(resource)
        if path in _uploaded:
            name = ARTIFACT_PROPERTIES[resource["Type"]]
            resource["Properties"][name] = _uploaded[path]
    return result


@cache
def apply() -> None:
    """Resolve local paths before the SAM transform."""
    patch_point(engine, "_parse_template")
    for module in (handlers, changesets):
        transform = patch_point(module, "_apply_transforms")

        def transform_packaged(
            template: dict[str, Any], *values: Any, _transform: Any = transform, **named: Any
        ) -> Any:
            return _transform(packaged(template), *values, **named)

        module._apply_transforms = transform_packaged
