"""Wires what the authoring pages reaches for: runs, forms, exports."""

from functools import cache

import boto3
from botocore.config import Config

from coursewright.adapters.authoring import (
    EventBridgeBus,
    LambdaModelCatalogue,
    S3Uploads,
    StepFunctionsRuns,
)
from coursewright.adapters.exports import LambdaExporter, S3Exports
from coursewright.settings import settings
from coursewright.wiring import client


@cache
def runs() -> StepFunctionsRuns:
    """Return the runs of the workflow for reading."""
    return StepFunctionsRuns(client("stepfunctions"))


@cache
def module_bus() -> EventBridgeBus:
    """Return the bus on which modules are announced."""
    return EventBridgeBus(client("events"), settings().event_bus)


@cache
def uploads() -> S3Uploads:
    """Return the lessons that authors handed in."""
    return S3Uploads(client("s3"), settings().content_bucket)


@cache
def model_catalogue() -> LambdaModelCatalogue:
    """Return the models to choose from."""
    return LambdaModelCatalogue(client("lambda"), settings().list_models_function)


@cache
def exporter() -> LambdaExporter:
    """Return whoever exports for the authoring pages."""
    return LambdaExporter(client("lambda"), settings().export_assignments_function)


@cache
def exports() -> S3Exports:
    """Return the exports; only a link signed this way can be opened in every region."""
    signing = boto3.client("s3", config=Config(signature_version="s3v4"))
    return S3Exports(signing, settings().content_bucket)
