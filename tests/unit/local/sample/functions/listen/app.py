"""Stores its event and its environment."""

import json
import os

import boto3
import own


def handler(event, context):
    """Store the event and all environment variables in the bucket."""
    seen = {
        "event": event,
        "environment": dict(os.environ),
        "layer": own.GREETING,
        "layer_path": own.__file__,
        "request_id": context.aws_request_id,
        "remaining": context.get_remaining_time_in_millis(),
    }
    bucket = os.environ["BUCKET"]
    boto3.client("s3").put_object(Bucket=bucket, Key="seen.json", Body=json.dumps(seen))
    return {"stored": True}
