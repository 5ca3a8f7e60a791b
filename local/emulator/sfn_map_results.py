"""Writes a ResultWriter's files to S3: a manifest, and the executions by outcome."""

import json
from typing import Any

from ministack.services import s3, stepfunctions

FILES = ("SUCCEEDED", "FAILED", "PENDING")


def write_results(
    arn: str, children: list[tuple[int, dict[str, Any]]], inputs: list[Any], place: dict[str, Any]
) -> str:
    """Write a Map Run's files and return the manifest's key."""
    prefix = "/".join(filter(None, (place.get("Prefix", "").strip("/"), arn.rpartition(":")[2])))
    files = {outcome: list[dict[str, Any]]() for outcome in FILES}
    for outcome, rows in _rows(children, inputs).items():
        if rows:
            key, text = f"{prefix}/{outcome}_0.json", json.dumps(rows)
            files[outcome].append({"Key": key, "Size": len(text.encode())})
            _put(place["Bucket"], key, text)
    manifest = {"DestinationBucket": place["Bucket"], "MapRunArn": arn, "ResultFiles": files}
    _put(place["Bucket"], f"{prefix}/manifest.json", json.dumps(manifest))
    return f"{prefix}/manifest.json"


def _rows(
    children: list[tuple[int, dict[str, Any]]], inputs: list[Any]
) -> dict[str, list[dict[str, Any]]]:
    started = dict(children)
    rows: dict[str, list[dict[str, Any]]] = {outcome: [] for outcome in FILES}
    for index, item in enumerate(inputs):
        child = started.get(index)
        if child is None:
            rows["PENDING"].append({"Input": json.dumps(item), "Status": "PENDING"})
        else:
            outcome = "SUCCEEDED" if child["status"] == "SUCCEEDED" else "FAILED"
            rows[outcome].append(_row(child))
    return rows


def _row(child: dict[str, Any]) -> dict[str, Any]:
    is_done = child["status"] == "SUCCEEDED"
    summarize_execution = {"Output": child["output"]} if is_done else _failure(child)
    return {
        "ExecutionArn": child["executionArn"],
        "Input": child["input"],
        "InputDetails": {"Included": True},
        "Name": child["name"],
        **summarize_execution,
        "OutputDetails": {"Included": is_done},
        "RedriveCount": child.get("redriveCount", 0),
        "RedriveStatus": "NOT_REDRIVABLE" if is_done else "REDRIVABLE",
        "StartDate": child["startDate"],
        "StateMachineArn": child["stateMachineArn"],
        "Status": child["status"],
        "StopDate": child["stopDate"],
    }


def _failure(child: dict[str, Any]) -> dict[str, Any]:
    return {"Error": child.get("error") or "", "Cause": child.get("cause") or ""}


def _put(bucket: str, key: str, text: str) -> None:
    status, *_ = s3._put_object(bucket, key, text.encode(), {"content-type": "application/json"})
    if status != 200:
        cause = f"The results cannot be written. (Bucket: {bucket}, Key: {key})"
        raise stepfunctions._ExecutionError("States.ResultWriterFailed", cause)
