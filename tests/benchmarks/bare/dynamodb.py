"""Baseline for a function that uses AWS: creates a DynamoDB client."""

import boto3


def handler(event: object, context: object) -> None:
    """Create a client without calling it."""
    boto3.client("dynamodb")
