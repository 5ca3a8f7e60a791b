"""The AWS template is deployed unchanged, including its local folders."""

import io
import zipfile
from pathlib import Path

import pytest

from local.deploy import Deployment, DeploymentFailed, archive, artifact, deploy, layer_archive
from local.emulator_host import Cloud
from tests.unit.local.machines import TEMPLATE

pytestmark = pytest.mark.enable_socket

SAMPLE = TEMPLATE.parent


def names(content: bytes) -> set[str]:
    return set(zipfile.ZipFile(io.BytesIO(content)).namelist())


def test_the_deployed_template_is_unchanged(cloud: Cloud, deployment: Deployment) -> None:
    template = cloud.client("cloudformation").get_template(
        StackName=deployment.name, TemplateStage="Original"
    )

    assert template["TemplateBody"] == TEMPLATE.read_bytes().decode()


def test_outputs_and_physical_ids_are_available(deployment: Deployment) -> None:
    assert deployment.outputs["MachineArn"] == deployment.physical_id("Machine")
    assert deployment.outputs["TableName"] == deployment.physical_id("Table")


def test_a_table_has_its_ttl_attribute(cloud: Cloud, deployment: Deployment) -> None:
    described = cloud.client("dynamodb").describe_time_to_live(
        TableName=deployment.outputs["TableName"]
    )

    assert described["TimeToLiveDescription"] == {
        "TimeToLiveStatus": "ENABLED",
        "AttributeName": "expires_at",
    }


def test_a_generated_secret_exists(cloud: Cloud, deployment: Deployment) -> None:
    secrets = cloud.client("secretsmanager")

    secret = secrets.get_secret_value(SecretId=deployment.physical_id("Secret"))

    assert len(secret["SecretString"]) > 48


def test_a_layer_contains_its_own_packages_only() -> None:
    own = layer_archive(SAMPLE / "layers" / "own")
    third_party = layer_archive(SAMPLE / "layers" / "thirdparty")

    assert names(own) == {"python/", "python/own/__init__.py"}
    assert names(third_party) == {"python/"}


def test_archives_are_reproducible(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("handler = print")
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "app.pyc").write_bytes(b"x")

    first, second = archive(tmp_path), archive(tmp_path)

    assert first == second
    assert names(first) == {"app.py"}


def test_a_missing_folder_is_reported(tmp_path: Path) -> None:
    with pytest.raises(DeploymentFailed, match="functions/gone, which does not exist"):
        artifact(tmp_path / "functions" / "gone", kind="AWS::Serverless::Function")


def test_a_failed_deployment_reports_the_reason(cloud: Cloud, tmp_path: Path) -> None:
    template = tmp_path / "template.yaml"
    template.write_text("Resources: {Odd: {Type: AWS::No::Thing}}")

    with pytest.raises(DeploymentFailed, match="AWS::No::Thing"):
        deploy(cloud, template, stack_name="odd")
