"""Deploys the unchanged AWS template to the laptop cloud."""

import hashlib
import io
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError, WaiterError

from local.emulator import local_artifacts

if TYPE_CHECKING:
    from local.emulator_host import Cloud

STACK_NAME = "coursewright"
ARTIFACTS = "coursewright-artifacts"
IGNORED = {"__pycache__", ".DS_Store"}
CAPABILITIES = ("CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND")


class DeploymentFailed(RuntimeError):
    """The stack could not be created; the message lists each failed resource with its reason."""


@dataclass(frozen=True)
class Deployment:
    """A deployed template's outputs and the physical ids of its resources."""

    name: str
    outputs: Mapping[str, str]
    resources: Mapping[str, str]

    def physical_id(self, logical_id: str) -> str:
        """Return the physical id of a resource in the template."""
        return self.resources[logical_id]


def deploy(
    cloud: "Cloud",
    template: Path = Path("template.yaml"),
    parameters: Mapping[str, str] | None = None,
    stack_name: str = STACK_NAME,
) -> Deployment:
    """Create a stack from the unchanged template and return it when it is complete.

    Raises:
        DeploymentFailed: the stack or one of its resources could not be created.
    """
    cloudformation = cloud.client("cloudformation")
    addresses = upload_artifacts(cloud, template)
    with local_artifacts.uploaded(addresses):
        try:
            cloudformation.create_stack(
                StackName=stack_name,
                TemplateURL=upload_template(cloud, template),
                Parameters=[
                    {"ParameterKey": name, "ParameterValue": value}
                    for name, value in (parameters or {}).items()
                ],
                Capabilities=CAPABILITIES,
            )
        except ClientError as error:
            raise DeploymentFailed(str(error)) from error
    description = _completed(cloudformation, stack_name)
    outputs = {
        output["OutputKey"]: output["OutputValue"] for output in description.get("Outputs", [])
    }
    return Deployment(stack_name, outputs, _resources(cloudformation, stack_name))


def upload_template(cloud: "Cloud", template: Path) -> str:
    """Upload the template and return its address; inline templates are limited to 51,200 bytes."""
    content = template.read_bytes()
    key = f"{hashlib.sha256(content).hexdigest()}.template"
    cloud.client("s3").put_object(Bucket=ARTIFACTS, Key=key, Body=content)
    return f"{cloud.endpoint_url}/{ARTIFACTS}/{key}"


def upload_artifacts(cloud: "Cloud", template: Path) -> dict[str, str]:
    """Upload the template's local folders and files; return their addresses by path."""
    s3 = cloud.client("s3")
    with suppress(s3.exceptions.BucketAlreadyOwnedByYou):
        s3.create_bucket(
            Bucket=ARTIFACTS, CreateBucketConfiguration={"LocationConstraint": cloud.region}
        )
    addresses = {}
    kinds = local_artifacts.local_artifact_paths(template.read_text(encoding="utf-8"))
    for path, kind in kinds.items():
        content = artifact(template.parent / path, kind=kind)
        key = hashlib.sha256(content).hexdigest()
        s3.put_object(Bucket=ARTIFACTS, Key=key, Body=content)
        addresses[path] = f"s3://{ARTIFACTS}/{key}"
    return addresses


def artifact(path: Path, *, kind: str) -> bytes:
    """Return the content that would be uploaded to AWS for a local path."""
    if path.is_file():
        return path.read_bytes()
    if not path.is_dir():
        raise DeploymentFailed(f"The template refers to {path}, which does not exist.")
    return layer_archive(path) if kind == "AWS::Serverless::LayerVersion" else archive(path)


def archive(folder: Path) -> bytes:
    """Return a folder as a reproducible ZIP archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as result:
        for file in sorted(_files(folder)):
            name = zipfile.ZipInfo(file.relative_to(folder).as_posix())
            result.writestr(name, file.read_bytes())
    return buffer.getvalue()


def layer_archive(folder: Path) -> bytes:
    """Return a layer archive with the layer's own packages under `python/`.

    The layer's requirements are omitted, because they are installed in this interpreter, which
    also runs the functions.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as result:
        result.writestr(zipfile.ZipInfo("python/"), b"")
        for package in sorted(file.parent for file in folder.glob("*/__init__.py")):
            for file in sorted(_files(package)):
                name = f"python/{file.relative_to(folder).as_posix()}"
                result.writestr(zipfile.ZipInfo(name), file.read_bytes())
    return buffer.getvalue()


def _files(folder: Path) -> Iterator[Path]:
    for file in folder.rglob("*"):
        if file.is_file() and not IGNORED & set(file.relative_to(folder).parts):
            yield file


def _completed(cloudformation: Any, stack_name: str) -> dict[str, Any]:
    """Wait for the stack and return its description."""
    waiter = cloudformation.get_waiter("stack_create_complete")
    try:
        waiter.wait(StackName=stack_name, WaiterConfig={"Delay": 0.1, "MaxAttempts": 600})
    except WaiterError as error:
        raise DeploymentFailed(_reasons(cloudformation, stack_name)) from error
    stack: dict[str, Any] = cloudformation.describe_stacks(StackName=stack_name)["Stacks"][0]
    return stack


def _resources(cloudformation: Any, stack_name: str) -> dict[str, str]:
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack_name)
    return {
        resource["LogicalResourceId"]: resource["PhysicalResourceId"]
        for page in pages
        for resource in page["StackResourceSummaries"]
    }


def _reasons(cloudformation: Any, stack_name: str) -> str:
    events = cloudformation.describe_stack_events(StackName=stack_name)["StackEvents"]
    failed = [event for event in events if event["ResourceStatus"].endswith("_FAILED")]
    return "\n".join(
        f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', '')}" for event in failed
    )
