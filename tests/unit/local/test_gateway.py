"""The AWS APIs serve requests that this cloud's keys have signed, and none from a foreign page."""

from typing import Any

import pytest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from ministack.core import iam_evaluator
from ministack.services import sts

from local.access_key import REGION, AccessKey
from local.emulator.access_keys import issue_session
from local.emulator_host import Cloud
from tests.unit.local.signed_requests import (
    FORM,
    client_of,
    presigned,
    send,
    sent,
    session_client,
    signed,
)

pytestmark = [pytest.mark.enable_socket, pytest.mark.usefixtures("objects")]

ROLE = {"Role": "arn:aws:iam::000000000000:role/any", "FunctionName": "any"}
NAVIGATION = {"sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}


def test_every_run_has_its_own_random_key() -> None:
    first, second = AccessKey(), AccessKey()

    assert first.id != second.id
    assert first.secret != second.secret
    assert len(first.secret) == 40


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/?Action=ListQueues"),
        ("GET", "/?Action=CreateStack&StackName=x&TemplateBody={}"),
        ("POST", "/"),
        ("OPTIONS", "/"),
        ("HEAD", "/presigned"),
        ("PUT", "/presigned/new"),
        ("POST", "/_ministack/reset"),
        ("POST", "/_ministack/config"),
        ("GET", "/_ministack/health"),
        ("GET", "/_ministack/ses/messages"),
        ("GET", "/_aws/execute-api/any/$default/"),
        ("GET", "/oauth2/authorize"),
        ("POST", "/_ministack/rds/iam-auth"),
    ],
)
def test_an_unsigned_request_is_refused(cloud: Cloud, method: str, path: str) -> None:
    status, text = send(cloud.endpoint_url + path, method, {"content-type": FORM}, b"")

    assert status == 403
    assert text == "" if method == "HEAD" else "The request is not signed." in text


@pytest.mark.parametrize("key", ["test", "testing", "000000000000", "AKIAIOSFODNN7EXAMPLE", "x"])
@pytest.mark.parametrize("secret", ["test", "testing", ""])
def test_a_well_known_key_is_refused(cloud: Cloud, key: str, secret: str) -> None:
    status, text = sent(signed(cloud, Credentials(key, secret)))

    assert (status, "not one of this cloud" in text) == (403, True)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"sec-fetch-site": "none"} | NAVIGATION, 200),
        ({"sec-fetch-site": "same-origin"}, 200),
        ({"sec-fetch-site": "same-site"} | NAVIGATION, 200),
        ({"sec-fetch-site": "cross-site"} | NAVIGATION, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "same-site"} | NAVIGATION | {"sec-fetch-dest": "iframe"}, 403),
        ({"sec-fetch-site": "same-site", "sec-fetch-mode": "no-cors"}, 403),
        ({"sec-fetch-site": "same-site", "sec-fetch-dest": "document"}, 403),
        ({"sec-fetch-site": "unheard-of"} | NAVIGATION, 403),
        ({"origin": "https://evil.example"}, 403),
        ({"host": "evil.example"}, 403),
    ],
)
def test_a_browser_can_only_navigate_to_a_presigned_url(
    cloud: Cloud, headers: dict[str, str], expected: int
) -> None:
    url = presigned(cloud, ExpiresIn=60)

    assert send(url, "GET", headers)[0] == expected


@pytest.mark.parametrize("site", ["same-site", "cross-site"])
def test_a_navigation_with_a_signed_header_is_refused(cloud: Cloud, site: str) -> None:
    request = signed(cloud)

    for name, value in (NAVIGATION | {"sec-fetch-site": site}).items():
        request.headers[name] = value

    assert sent(request)[0] == 403


@pytest.mark.parametrize("site", ["none", "same-site", "cross-site"])
def test_a_browser_is_told_what_the_port_is(cloud: Cloud, site: str) -> None:
    status, page = send(cloud.endpoint_url, "GET", {"sec-fetch-site": site} | NAVIGATION)

    assert (status, "This port serves programs" in page) == (200, True)


def test_a_functions_session_is_accepted(cloud: Cloud) -> None:
    client = session_client(cloud, issue_session(ROLE))

    assert "QueueUrls" in client.list_queues()


def test_an_assumed_role_is_accepted(cloud: Cloud) -> None:
    assumed = cloud.client("sts").assume_role(
        RoleArn="arn:aws:iam::000000000000:role/any", RoleSessionName="any"
    )["Credentials"]
    session = {
        "AWS_ACCESS_KEY_ID": assumed["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": assumed["SecretAccessKey"],
        "AWS_SESSION_TOKEN": assumed["SessionToken"],
    }

    assert "QueueUrls" in session_client(cloud, session).list_queues()


@pytest.mark.parametrize("token", ["", "another token"])
def test_a_session_without_its_token_is_refused(cloud: Cloud, token: str) -> None:
    session = issue_session(ROLE) | {"AWS_SESSION_TOKEN": token}

    with pytest.raises(ClientError, match="not one of this cloud"):
        session_client(cloud, session).list_queues()


def test_an_ended_session_is_refused(cloud: Cloud) -> None:
    session = issue_session(ROLE)
    sts._sessions[session["AWS_ACCESS_KEY_ID"]]["Expiration"] = 1.0

    with pytest.raises(ClientError, match="or it has ended"):
        session_client(cloud, session).list_queues()


def test_a_users_key_is_refused(cloud: Cloud) -> None:
    iam = cloud.client("iam")
    iam.create_user(UserName="any")
    key = iam.create_access_key(UserName="any")["AccessKey"]
    session = {
        "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
    }

    with pytest.raises(ClientError, match="not one of this cloud"):
        session_client(cloud, session).list_queues()


def test_a_functions_session_cannot_be_guessed() -> None:
    first, second = issue_session(ROLE), issue_session(ROLE)

    assert not set(first.values()) & set(second.values())


@pytest.mark.parametrize("key", ["test", "testing", "000000000000"])
def test_policies_apply_to_well_known_keys(cloud: Cloud, key: str) -> None:
    assert not iam_evaluator.is_root_access_key(key)
    assert iam_evaluator.is_root_access_key(cloud.access_key.id)


def test_a_refusal_is_an_error_that_every_sdk_reads(cloud: Cloud) -> None:
    wrong: dict[str, Any] = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    codes = set()
    for service, operation in (
        ("s3", "list_buckets"),
        ("sqs", "list_queues"),
        ("cloudformation", "list_stacks"),
        ("lambda", "list_functions"),
        ("dynamodb", "list_tables"),
    ):
        client = client_of(service, endpoint_url=cloud.endpoint_url, region_name=REGION, **wrong)
        with pytest.raises(ClientError) as error:
            getattr(client, operation)()
        codes.add(error.value.response["Error"]["Code"])

    assert codes == {"SignatureDoesNotMatch"}
