"""Provides one laptop cloud with the sample template for all tests in this folder."""

from collections.abc import Iterator

import pytest

from local.access_key import REGION
from local.deploy import Deployment, deploy
from local.emulator_host import Cloud
from tests.unit.local.machines import TEMPLATE, Machines
from tests.unit.local.signed_requests import BUCKET


@pytest.fixture(scope="package")
def cloud() -> Iterator[Cloud]:
    with Cloud(wait_scale=0.01) as running:
        yield running


@pytest.fixture(scope="package")
def deployment(cloud: Cloud) -> Deployment:
    return deploy(cloud, TEMPLATE, {"PublicUrl": cloud.site_url})


@pytest.fixture(scope="package")
def machines(cloud: Cloud, deployment: Deployment) -> Machines:
    return Machines(cloud, deployment)


@pytest.fixture(scope="package")
def objects(cloud: Cloud) -> None:
    """Create the bucket that signed requests use."""
    cloud.client("s3").create_bucket(
        Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION}
    )


@pytest.fixture
def bucket(cloud: Cloud, deployment: Deployment) -> str:
    return deployment.outputs["BucketName"]
