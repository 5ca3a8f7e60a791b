"""The one place that knows both the ports and the adapters; clients are built on first use.

What only some functions need stands in modules beside this one, so that the others do not load it.
"""

from functools import cache
from typing import Any

import boto3
from botocore.config import Config

from coursewright.adapters.alerts import SnsAlerts, StepFunctionsStoppedExecutions
from coursewright.adapters.answers import DynamoAnswers
from coursewright.adapters.assignments import DynamoAssignments
from coursewright.adapters.blob_store import BlobStore, S3Lessons, TextStore
from coursewright.adapters.budget import DynamoBudget
from coursewright.adapters.course_budget import DynamoCourseBudget
from coursewright.adapters.course_notes import DynamoCourseNotes
from coursewright.adapters.drafts import DynamoDrafts
from coursewright.adapters.edits import LambdaEditChecks
from coursewright.adapters.email import (
    LambdaSandbox,
    ParameterStore,
    SesMailbox,
    StepFunctionsExecutions,
    SystemClock,
)
from coursewright.adapters.generations import DynamoGenerations, DynamoLeagues, DynamoVerifications
from coursewright.adapters.lazy_client import LazyClient
from coursewright.adapters.notifications import SnsNotificationTopic
from coursewright.adapters.reviews import (
    DynamoAudit,
    DynamoReviews,
    DynamoReviewTasks,
    DynamoSentMails,
)
from coursewright.adapters.table import Table
from coursewright.agents.model_registry import Registry, load_registry
from coursewright.domain.budget import MICROS, Caps
from coursewright.domain.model_call import Price
from coursewright.settings import settings

ONE_TRY = Config(retries={"total_max_attempts": 1, "mode": "standard"}, read_timeout=100)
ONE_MAIL = ONE_TRY.merge(Config(read_timeout=10))


@cache
def client(service: str) -> Any:
    """Return the client of an AWS service."""
    return LazyClient(lambda: boto3.client(service))  # type: ignore[call-overload]


@cache
def table() -> Table:
    """Return the table."""
    return Table(client("dynamodb"), settings().table_name)


@cache
def blobs() -> BlobStore:
    """Return the store of large record bodies."""
    return BlobStore(TextStore(client("s3"), settings().content_bucket, "bodies", ".json"))


@cache
def lessons() -> S3Lessons:
    """Return the lessons."""
    return S3Lessons(client("s3"), settings().content_bucket)


@cache
def prompts() -> TextStore:
    """Return the prompts."""
    return TextStore(client("s3"), settings().content_bucket, "prompts", ".md")


@cache
def raw_answers() -> TextStore:
    """Return the answers as they came."""
    return TextStore(client("s3"), settings().content_bucket, "answers", ".txt")


@cache
def drafts() -> DynamoDrafts:
    """Return the drafts."""
    return DynamoDrafts(table(), blobs())


@cache
def answers() -> DynamoAnswers:
    """Return the replay ledger."""
    return DynamoAnswers(table(), blobs())


@cache
def generations() -> DynamoGenerations:
    """Return the generations."""
    return DynamoGenerations(table())


@cache
def verifications() -> DynamoVerifications:
    """Return the evidence."""
    return DynamoVerifications(table(), blobs())


@cache
def leagues() -> DynamoLeagues:
    """Return the leagues."""
    return DynamoLeagues(table())


@cache
def budget() -> DynamoBudget:
    """Return the month's money."""
    return DynamoBudget(table())


@cache
def course_budget() -> DynamoCourseBudget:
    """Return the money of runs that start a whole course."""
    return DynamoCourseBudget(table())


def caps() -> Caps:
    """Return what may be spent."""
    return Caps(
        month=round(settings().monthly_budget_usd * MICROS),
        generation=round(settings().generation_budget_usd * MICROS),
    )


def pessimistic_price() -> Price:
    """Return the dollars per million tokens that the budget counts where no price is known."""
    return Price(input=settings().unknown_input_usd, output=settings().unknown_output_usd)


@cache
def reviews() -> DynamoReviews:
    """Return the reviews."""
    return DynamoReviews(table(), blobs())


@cache
def edit_checks() -> LambdaEditChecks:
    """Return the sandbox's work on edits."""
    return LambdaEditChecks(client("lambda"), settings().verify_edit_function)


@cache
def course_notes() -> DynamoCourseNotes:
    """Return what reviewers of a course asked for."""
    return DynamoCourseNotes(table())


@cache
def review_tasks() -> DynamoReviewTasks:
    """Return the task tokens."""
    return DynamoReviewTasks(table(), client("stepfunctions"))


@cache
def sent_mails() -> DynamoSentMails:
    """Return the record of sent mails."""
    return DynamoSentMails(table())


@cache
def mailbox() -> SesMailbox:
    """Return the outgoing mail; the SDK asks once, since a lost answer may mean a sent mail."""
    client = boto3.client("sesv2", config=ONE_MAIL)
    return SesMailbox(client, settings().mail_from, settings().mail_configuration)


@cache
def audit() -> DynamoAudit:
    """Return the audit."""
    return DynamoAudit(table())


@cache
def assignments() -> DynamoAssignments:
    """Return the assignments."""
    return DynamoAssignments(table(), blobs(), client("s3"), settings().content_bucket)


@cache
def executions() -> StepFunctionsExecutions:
    """Return the runs of the workflow."""
    return StepFunctionsExecutions(client("stepfunctions"), settings().state_machine_arn)


@cache
def stopped_executions() -> StepFunctionsStoppedExecutions:
    """Return the runs that stopped."""
    return StepFunctionsStoppedExecutions(client("stepfunctions"))


@cache
def operators() -> SnsAlerts:
    """Return the operators."""
    return SnsAlerts(client("sns"), settings().alarm_topic)


@cache
def notification_topic() -> SnsNotificationTopic:
    """Return the topic of news."""
    return SnsNotificationTopic(client("sns"), settings().notification_topic)


@cache
def sandbox() -> LambdaSandbox:
    """Return the sandbox; failed checks are retried by the workflow, not by the SDK."""
    invoker = boto3.client("lambda", config=ONE_TRY)
    return LambdaSandbox(invoker, settings().check_code_function)


@cache
def clock() -> SystemClock:
    """Return the clock."""
    return SystemClock()


def registry() -> Registry:
    """Return the models with the operator's overrides, read anew each time so that they work."""
    override = ParameterStore(client("ssm")).read(settings().models_parameter)
    return load_registry(override)
