"""The core layer's pruned botocore builds the same clients as the complete package."""

import re
import runpy
import shutil
from pathlib import Path
from typing import Any

import botocore
import pytest
from botocore.exceptions import UnknownServiceError
from botocore.loaders import Loader
from botocore.session import Session

ROOT = Path(__file__).parents[2]
PRUNING = runpy.run_path(str(ROOT / "layers" / "core" / "prune_botocore.py"))
REGIONS = ("eu-west-1", "us-east-1", "us-gov-west-1", "cn-north-1")


@pytest.fixture(scope="module")
def pruned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("botocore") / "data"
    whole = Path(botocore.__file__).parent / "data"
    data.mkdir()
    for name in {*PRUNING["SERVICES"], "ec2"}:
        shutil.copytree(whole / name, data / name)
    for file in whole.glob("*.json"):
        shutil.copy(file, data)
    PRUNING["prune"](data)
    return data


def test_every_service_in_use_is_kept() -> None:
    sources = [*ROOT.glob("layers/coursewright/**/*.py"), *ROOT.glob("functions/*/*.py")]
    asked = {
        name
        for file in sources
        for name in re.findall(r"client\(\s*\"([a-z0-9-]+)\"", file.read_text("utf-8"))
    }

    assert len(asked) >= 9
    assert asked <= PRUNING["SERVICES"]


@pytest.mark.parametrize("service", sorted(PRUNING["SERVICES"]))
@pytest.mark.parametrize("region", REGIONS)
def test_a_client_uses_the_same_endpoint(pruned: Path, service: str, region: str) -> None:
    whole = _client(Session(), service, region)
    pruned_client = _client(_session(pruned), service, region)

    assert pruned_client.meta.endpoint_url == whole.meta.endpoint_url
    assert (
        pruned_client.meta.service_model.operation_names == whole.meta.service_model.operation_names
    )


def test_files_shared_by_hard_links_are_not_modified(tmp_path: Path) -> None:
    shared = Path(botocore.__file__).parent / "data" / "endpoints.json"
    data = tmp_path / "data"
    data.mkdir()
    ours = data / "endpoints.json"
    ours.write_bytes(shared.read_bytes())
    installed = tmp_path / "installed.json"
    installed.hardlink_to(ours)

    PRUNING["prune"](data)

    assert installed.stat().st_size > 5 * ours.stat().st_size


def test_unused_services_are_removed(pruned: Path) -> None:
    with pytest.raises(UnknownServiceError):
        _client(_session(pruned), "ec2", "eu-west-1")


def test_most_of_the_documentation_is_removed(pruned: Path) -> None:
    model = (pruned / "s3" / "2006-03-01" / "service-2.json").read_text("utf-8")

    assert '"documentation":"<p>' not in model
    assert len(model) < 400_000


def _session(data: Path) -> Session:
    session = Session()
    loader = Loader(extra_search_paths=[str(data)], include_default_search_paths=False)
    session.register_component("data_loader", loader)
    return session


def _client(session: Session, service: str, region: str) -> Any:
    return session.create_client(
        service, region, aws_access_key_id="testing", aws_secret_access_key="testing"
    )
