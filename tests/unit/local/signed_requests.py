"""Signs and sends single requests to the laptop cloud's AWS APIs."""

import http.client
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore import auth as botocore_auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

from local.access_key import REGION
from local.emulator_host import Cloud

LIST_QUEUES = b"Action=ListQueues&Version=2012-11-05"
FORM = "application/x-www-form-urlencoded"
BUCKET = "presigned"
auth: Any = botocore_auth  # its stubs lack what the tests replace
client_of: Any = boto3.client


def send(url: str, method: str, headers: dict[str, str], body: bytes = b"") -> tuple[int, str]:
    """Send exactly this request and return status and text."""
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.netloc, timeout=20)
    target = address.path + (f"?{address.query}" if address.query else "")
    try:
        connection.request(method, target or "/", body, headers)
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


def credentials(cloud: Cloud) -> Credentials:
    return Credentials(cloud.access_key.id, cloud.access_key.secret)


def signed(cloud: Cloud, key: Credentials | None = None, signer: Any = auth.SigV4Auth) -> Any:
    """Return a signed request that lists the queues."""
    headers = {"Content-Type": FORM, "Host": urlsplit(cloud.endpoint_url).netloc}
    request = AWSRequest("POST", f"{cloud.endpoint_url}/", data=LIST_QUEUES, headers=headers)
    signer(key or credentials(cloud), "sqs", REGION).add_auth(request)
    return request


def sent(request: Any) -> tuple[int, str]:
    headers = {name: str(value) for name, value in request.headers.items()}
    return send(request.url, request.method, headers, request.data or b"")


def presigned(cloud: Cloud, **options: Any) -> str:
    """Store an object and return a presigned URL for it."""
    s3 = client_of(
        "s3",
        endpoint_url=cloud.endpoint_url,
        region_name=REGION,
        config=Config(signature_version="s3v4"),
        **cloud.access_key.credentials,
    )
    s3.put_object(Bucket=BUCKET, Key="a b.txt", Body=b"an export")
    place = {"Bucket": BUCKET, "Key": "a b.txt"}
    url: str = s3.generate_presigned_url("get_object", place, **options)
    return url


def session_client(cloud: Cloud, session: dict[str, str]) -> Any:
    options: dict[str, Any] = {name.lower(): value for name, value in session.items()}
    return client_of("sqs", endpoint_url=cloud.endpoint_url, region_name=REGION, **options)
