"""One laptop cloud with the sample template for all tests of this folder."""

from collections.abc import Iterator

import pytest

from local.deploy import Stack, deploy
from local.emulator_host import Cloud
from tests.unit.local.machines import TEMPLATE, Machines


@pytest.fixture(scope="package")
def cloud() -> Iterator[Cloud]:
    with Cloud(wait_scale=0.01) as running:
        yield running


@pytest.fixture(scope="package")
def stack(cloud: Cloud) -> Stack:
    return deploy(cloud, TEMPLATE, {"PublicUrl": cloud.site_url})


@pytest.fixture(scope="package")
def machines(cloud: Cloud, stack: Stack) -> Machines:
    return Machines(cloud, stack)


@pytest.fixture
def bucket(cloud: Cloud, stack: Stack) -> str:
    return stack.outputs["BucketName"]
