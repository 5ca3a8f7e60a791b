"""The least that a function on AWS does: it makes a DynamoDB client."""

import boto3


def handler(event: object, context: object) -> None:
    """Make a client and call nothing."""
    boto3.client("dynamodb")
