"""A deployment's storage on moto, created from template.yaml."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
from moto import mock_aws

from tests.cloudformation import load_template

ROOT = Path(__file__).parent.parent
TABLE = "coursewright"
BUCKET = "coursewright-content"
LINK_KEYS = json.dumps({"old": ["an-older-key"], "newest": "the-newest-key"})
CONFIG: Any = {
    "core": {"reset_boto3_session": False},  # a new session would load every service model again
    "stepfunctions": {"execute_state_machine": True},
    "lambda": {"use_docker": False},
}
boto3.DEFAULT_SESSION = None  # a session created before moto was loaded would call AWS


@contextmanager
def storage() -> Iterator[None]:
    """Start moto with a deployment's table, bucket, secrets and email identity."""
    with mock_aws(config=CONFIG):
        _create_table()
        boto3.client("s3").create_bucket(
            Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
        )
        secrets = boto3.client("secretsmanager")
        secrets.create_secret(Name="link-keys", SecretString=LINK_KEYS)
        secrets.create_secret(Name="model-keys", SecretString="{}")
        boto3.client("sesv2").create_email_identity(EmailIdentity="coursewright@example.edu")
        yield


def _create_table() -> None:
    properties = load_template(ROOT / "template.yaml")["Resources"]["Table"]["Properties"]
    names = (
        "AttributeDefinitions",
        "KeySchema",
        "GlobalSecondaryIndexes",
        "BillingMode",
    )
    boto3.client("dynamodb").create_table(
        TableName=TABLE, **{name: properties[name] for name in names}
    )
