"""Signatures are verified as on AWS."""

import hashlib
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from local.access_key import REGION
from local.emulator_host import Cloud
from tests.unit.local.signed_requests import (
    BUCKET,
    LIST_QUEUES,
    auth,
    client_of,
    credentials,
    presigned,
    send,
    sent,
    signed,
)

pytestmark = [pytest.mark.enable_socket, pytest.mark.usefixtures("objects")]

Change = Callable[[Any], None]


def test_a_request_with_the_runs_key_is_served(cloud: Cloud) -> None:
    status, text = sent(signed(cloud))

    assert (status, "ListQueuesResponse" in text) == (200, True)


def test_the_key_with_another_secret_is_refused(cloud: Cloud) -> None:
    status, text = sent(signed(cloud, Credentials(cloud.access_key.id, "test")))

    assert (status, "does not match the request" in text) == (403, True)


def change_body(request: Any) -> None:
    request.data = LIST_QUEUES.replace(b"List", b"Lost")


def change_path(request: Any) -> None:
    request.url += "other"


def add_query(request: Any) -> None:
    request.url += "?Action=DeleteQueue"


def change_header(request: Any) -> None:
    request.headers.replace_header("Content-Type", "application/json")


def change_method(request: Any) -> None:
    request.method = "PUT"


def add_target(request: Any) -> None:
    request.headers["X-Amz-Target"] = "AmazonSQS.DeleteQueue"


def change_date(request: Any) -> None:
    request.headers.replace_header("X-Amz-Date", f"{datetime.now(UTC):%Y%m%d}T000000Z")


def remove_host(request: Any) -> None:
    header = request.headers["Authorization"].replace("host;", "")
    request.headers.replace_header("Authorization", header)


def use_another_algorithm(request: Any) -> None:
    header = request.headers["Authorization"].replace("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA1")
    request.headers.replace_header("Authorization", header)


def use_the_first_version(request: Any) -> None:
    key = request.headers["Authorization"].partition("Credential=")[2].partition("/")[0]
    request.headers.replace_header("Authorization", f"AWS {key}:c2lnbmF0dXJl")


def shorten_signature(request: Any) -> None:
    header = request.headers["Authorization"]
    request.headers.replace_header("Authorization", header[:-1])


def sign_in_the_query_too(request: Any) -> None:
    request.url += "?X-Amz-Signature=0&X-Amz-Credential=test/20260101/eu-west-1/sqs/aws4_request"


CHANGES: list[Change] = [
    change_body,
    change_path,
    add_query,
    change_header,
    change_method,
    add_target,
    change_date,
    remove_host,
    use_another_algorithm,
    use_the_first_version,
    shorten_signature,
    sign_in_the_query_too,
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_request_changed_after_signing_is_refused(cloud: Cloud, change: Change) -> None:
    request = signed(cloud)

    change(request)

    assert sent(request)[0] == 403


class Dated(auth.SigV4Auth):  # type: ignore[misc]
    """A signer whose clock is wrong by `minutes`."""

    minutes = 0

    def add_auth(self, request: Any) -> None:
        signed_at = datetime.now(UTC) + timedelta(minutes=self.minutes)
        request.context["timestamp"] = f"{signed_at:%Y%m%dT%H%M%SZ}"
        self._modify_request_before_signing(request)
        signature = self.signature(
            self.string_to_sign(request, self.canonical_request(request)), request
        )
        self._inject_signature_to_request(request, signature)


@pytest.mark.parametrize(("minutes", "expected"), [(-14, 200), (14, 200), (-16, 403), (16, 403)])
def test_a_signature_is_valid_for_a_quarter_of_an_hour(
    cloud: Cloud, minutes: int, expected: int
) -> None:
    signer = type("Wrong", (Dated,), {"minutes": minutes})

    assert sent(signed(cloud, signer=signer))[0] == expected


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    key=st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40).filter(
        lambda key: not {".", ".."} & set(key.split("/"))
    ),
    body=st.binary(max_size=200),
)
def test_every_object_name_that_an_sdk_signs_is_served(cloud: Cloud, key: str, body: bytes) -> None:
    s3 = cloud.client("s3")

    s3.put_object(Bucket=BUCKET, Key=key, Body=body, Metadata={"words": "a  b", "sum": "1+1"})
    found = s3.get_object(Bucket=BUCKET, Key=key, ResponseContentDisposition="a; b=c")

    assert found["Body"].read() == body
    assert key in {
        item["Key"] for item in s3.list_objects_v2(Bucket=BUCKET, Prefix=key)["Contents"]
    }


@pytest.mark.parametrize("is_signed", [True, False])
def test_s3_may_leave_the_body_out_of_the_signature(cloud: Cloud, is_signed: bool) -> None:
    s3 = client_of(
        "s3",
        endpoint_url=cloud.endpoint_url,
        region_name=REGION,
        config=Config(s3={"payload_signing_enabled": is_signed}),
        **cloud.access_key.credentials,
    )

    s3.put_object(Bucket=BUCKET, Key="unsigned", Body=b"body")

    assert s3.get_object(Bucket=BUCKET, Key="unsigned")["Body"].read() == b"body"


def put_in_chunks(cloud: Cloud, content: bytes, declared: str, service: str) -> tuple[int, str]:
    """Upload one chunk with a trailing checksum, as SDKs do for streams."""
    body = b"%x\r\n%s\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n" % (len(content), content)
    headers = {
        "Content-Encoding": "aws-chunked",
        "X-Amz-Trailer": "x-amz-checksum-crc32",
        "X-Amz-Decoded-Content-Length": str(len(content)),
        "Host": urlsplit(cloud.endpoint_url).netloc,
        "X-Amz-Content-SHA256": declared,
    }
    request = AWSRequest("PUT", f"{cloud.endpoint_url}/{BUCKET}/chunks", data=body, headers=headers)
    signer_of = auth.S3SigV4Auth if service == "s3" else auth.SigV4Auth
    signer = signer_of(credentials(cloud), service, REGION)
    signer.payload = lambda _request: declared
    auth.SigV4Auth.add_auth(signer, request)
    request.headers.replace_header("X-Amz-Content-SHA256", declared)
    return sent(request)


def test_a_stream_with_a_trailer_is_served_by_s3_only(cloud: Cloud) -> None:
    declared = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"

    assert put_in_chunks(cloud, b"hello", declared, "s3")[0] == 200
    assert put_in_chunks(cloud, b"hello", declared, "sqs")[0] == 403


def test_a_body_other_than_the_declared_one_is_refused(cloud: Cloud) -> None:
    declared = hashlib.sha256(b"another body").hexdigest()

    status, text = put_in_chunks(cloud, b"hello", declared, "s3")

    assert (status, "The body does not match" in text) == (403, True)


def test_a_presigned_url_needs_nothing_else(cloud: Cloud) -> None:
    with urllib.request.urlopen(presigned(cloud, ExpiresIn=60)) as response:
        assert response.read() == b"an export"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("X-Amz-Expires=60", "X-Amz-Expires=61"),
        ("X-Amz-Expires=60", "X-Amz-Expires=-60"),
        ("X-Amz-Expires=60", "X-Amz-Expires="),
        ("X-Amz-Expires=60", "X-Amz-Expires=9999999999"),
        ("X-Amz-Expires=60", "X-Other=60"),
        ("a%20b.txt", "other.txt"),
        ("X-Amz-SignedHeaders=host", "X-Amz-SignedHeaders="),
        ("X-Amz-Algorithm=AWS4-HMAC-SHA256", "X-Amz-Algorithm=AWS4-ECDSA-P256-SHA256"),
        ("X-Amz-Date=2", "X-Amz-Date=x2"),
    ],
)
def test_a_changed_presigned_url_is_refused(cloud: Cloud, before: str, after: str) -> None:
    url = presigned(cloud, ExpiresIn=60)
    assert before in url

    status, _ = send(url.replace(before, after), "GET", {})

    assert status == 403


def test_an_expired_presigned_url_is_refused(cloud: Cloud) -> None:
    class Yesterday(auth.SigV4QueryAuth):  # type: ignore[misc]
        def add_auth(self, request: Any) -> None:
            signed_at = datetime.now(UTC) - timedelta(minutes=2)
            request.context["timestamp"] = f"{signed_at:%Y%m%dT%H%M%SZ}"
            self._modify_request_before_signing(request)
            text = self.string_to_sign(request, self.canonical_request(request))
            self._inject_signature_to_request(request, self.signature(text, request))

    answers = []
    for seconds in (60, 180):
        request = AWSRequest("GET", f"{cloud.endpoint_url}/?Action=ListQueues")
        Yesterday(credentials(cloud), "sqs", REGION, expires=seconds).add_auth(request)
        answers.append(send(str(request.url), "GET", {})[0])

    assert answers == [403, 200]
