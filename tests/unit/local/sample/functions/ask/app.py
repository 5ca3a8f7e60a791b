"""Stores a task token for a later callback and sends an email."""

import os

import boto3


def handler(event, context):
    """Store the token and send an email."""
    bucket = os.environ["BUCKET"]
    boto3.client("s3").put_object(Bucket=bucket, Key="token", Body=event["token"])
    boto3.client("sesv2").send_email(
        FromEmailAddress="coursewright@example.edu",
        Destination={"ToAddresses": ["ada@example.edu"]},
        Content={
            "Simple": {
                "Subject": {"Data": "Please review"},
                "Body": {"Text": {"Data": "Open it."}, "Html": {"Data": "<p>Open it.</p>"}},
            }
        },
    )
    return {"asked": True}
