"""Baseline for a function on AWS: it creates a DynamoDB client."""

import boto3


def handler(event: object, context: object) -> None:
    """Create a client and call nothing."""
    boto3.client("dynamodb")
