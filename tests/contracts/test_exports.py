"""Results of exports and their files: the fake and the adapter behave alike."""

from urllib.parse import parse_qs, urlparse

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from coursewright.adapters.exports import LINK_SECONDS, S3Exports
from coursewright.domain.export import Export, ExportTask, Format
from coursewright.domain.export_problem import ExportProblem, ExportProblemCode
from coursewright.ports.assignments import Exports
from tests import aws
from tests.contracts.records import NOW
from tests.fakes.memory_authoring import MemoryExports

PROBLEM = ExportProblem(code=ExportProblemCode.FILE_NAME_INVALID, params={"file_name": "a b"})
TASK = ExportTask(names=("one",), format=Format.MOODLE)
RESULT = Export(
    format=Format.MOODLE,
    finished_at=NOW,
    assignments=1,
    content_sha256="0f3a",
    file="moodle.xml",
)


@pytest.fixture(params=["memory", "s3"])
def exports(request: pytest.FixtureRequest) -> Exports:
    if request.param == "memory":
        return MemoryExports()
    request.getfixturevalue("cloud")
    return S3Exports(boto3.client("s3"), aws.BUCKET)


def test_the_newest_result_is_found(exports: Exports) -> None:
    missing = exports.find(TASK.export)
    exports.save(TASK.export, Export(format=Format.MOODLE, finished_at=NOW, problems=(PROBLEM,)))
    exports.save(TASK.export, RESULT)

    assert missing is None
    assert exports.find(TASK.export) == RESULT
    assert exports.find("another") is None


def test_another_task_is_another_export() -> None:
    tasks = [
        TASK,
        ExportTask(names=("one",), format=Format.JSONL),
        ExportTask(names=("one", "moodle"), format=Format.MOODLE),
        ExportTask(names=("two",), format=Format.MOODLE),
    ]

    assert len({task.export for task in tasks}) == len(tasks)


@pytest.mark.usefixtures("cloud")
def test_a_file_is_stored_behind_a_link_that_expires() -> None:
    client = boto3.client("s3", config=Config(signature_version="s3v4"))
    exports = S3Exports(client, aws.BUCKET)

    exports.save_file(TASK.export, RESULT, b"<quiz/>", "application/xml")
    link = exports.link(TASK.export, RESULT)

    address = urlparse(link)
    signed = parse_qs(address.query)
    assert signed["X-Amz-Expires"] == [str(LINK_SECONDS)]
    key = address.path.removeprefix("/").removeprefix(f"{aws.BUCKET}/")
    found = client.get_object(Bucket=aws.BUCKET, Key=key)
    assert found["Body"].read() == b"<quiz/>"
    assert found["ContentDisposition"] == 'attachment; filename="moodle.xml"'


@pytest.mark.usefixtures("cloud")
def test_a_missing_result_may_be_reported_as_forbidden() -> None:
    client = boto3.client("s3")
    exports = S3Exports(client, aws.BUCKET)

    with Stubber(client) as stub:
        stub.add_client_error("get_object", "AccessDenied", http_status_code=403)
        stub.add_client_error("get_object", "SlowDown", http_status_code=503)

        assert exports.find(TASK.export) is None
        with pytest.raises(ClientError, match="SlowDown"):
            exports.find(TASK.export)
