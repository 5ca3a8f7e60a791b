"""Doubles a number unless the bucket contains an outage marker, and counts its calls there."""

import os
import time

import boto3
from botocore.exceptions import ClientError


class ModelUnavailable(Exception):
    """The simulated outage."""


def handler(event, context):
    """Count the call and return the doubled number; fail during an outage."""
    s3 = boto3.client("s3")
    bucket = os.environ["BUCKET"]
    number = event["number"]
    s3.put_object(Bucket=bucket, Key=f"calls/{number}/{context.aws_request_id}", Body=b"")
    time.sleep(event.get("seconds", 0))
    try:
        s3.head_object(Bucket=bucket, Key=f"outage/{number}")
    except ClientError:
        return {"doubled": 2 * number}
    raise ModelUnavailable(f"number {number}")
