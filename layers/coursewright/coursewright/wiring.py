"""The one place that knows both the ports and the adapters; clients are built on first use.

What only some functions need stands in modules beside this one, so that the others do not load it.
"""

from functools import cache
from typing import Any

import boto3
from botocore.config import Config

from coursewright.adapters.alerts import EngineStoppedRuns, SnsOperators
from coursewright.adapters.answers import DynamoAnswers
from coursewright.adapters.assignments import DynamoAssignments
from coursewright.adapters.blob_store import Bodies, S3Lessons, Texts
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
from coursewright.adapters.lazy_client import LateClient
from coursewright.adapters.notifications import SnsNoticeboard
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
    """Give the client of an AWS service."""
    return LateClient(lambda: boto3.client(service))  # type: ignore[call-overload]


@cache
def table() -> Table:
    """Give the table."""
    return Table(client("dynamodb"), settings().table_name)


@cache
def bodies() -> Bodies:
    """Give the store of large record bodies."""
    return Bodies(Texts(client("s3"), settings().content_bucket, "bodies", ".json"))


@cache
def lessons() -> S3Lessons:
    """Give the lessons."""
    return S3Lessons(client("s3"), settings().content_bucket)


@cache
def prompts() -> Texts:
    """Give the prompts."""
    return Texts(client("s3"), settings().content_bucket, "prompts", ".md")


@cache
def raw_answers() -> Texts:
    """Give the answers as they came."""
    return Texts(client("s3"), settings().content_bucket, "answers", ".txt")


@cache
def drafts() -> DynamoDrafts:
    """Give the drafts."""
    return DynamoDrafts(table(), bodies())


@cache
def answers() -> DynamoAnswers:
    """Give the replay ledger."""
    return DynamoAnswers(table(), bodies())


@cache
def generations() -> DynamoGenerations:
    """Give the generations."""
    return DynamoGenerations(table())


@cache
def verifications() -> DynamoVerifications:
    """Give the evidence."""
    return DynamoVerifications(table(), bodies())


@cache
def leagues() -> DynamoLeagues:
    """Give the leagues."""
    return DynamoLeagues(table())


@cache
def budget() -> DynamoBudget:
    """Give the month's money."""
    return DynamoBudget(table())


@cache
def course_budget() -> DynamoCourseBudget:
    """Give the money of runs that start a whole course."""
    return DynamoCourseBudget(table())


def caps() -> Caps:
    """Give what may be spent."""
    return Caps(
        month=round(settings().monthly_budget_usd * MICROS),
        generation=round(settings().generation_budget_usd * MICROS),
    )


def pessimistic_price() -> Price:
    """Give the dollars per million tokens that the budget counts where no price is known."""
    return Price(input=settings().unknown_input_usd, output=settings().unknown_output_usd)


@cache
def reviews() -> DynamoReviews:
    """Give the reviews."""
    return DynamoReviews(table(), bodies())


@cache
def edit_checks() -> LambdaEditChecks:
    """Give the sandbox's work on edits."""
    return LambdaEditChecks(client("lambda"), settings().verify_edit_function)


@cache
def course_notes() -> DynamoCourseNotes:
    """Give what reviewers of a course asked for."""
    return DynamoCourseNotes(table())


@cache
def review_tasks() -> DynamoReviewTasks:
    """Give the task tokens."""
    return DynamoReviewTasks(table(), client("stepfunctions"))


@cache
def sent_mails() -> DynamoSentMails:
    """Give the record of sent mails."""
    return DynamoSentMails(table())


@cache
def mailbox() -> SesMailbox:
    """Give the outgoing mail; the SDK asks once, since a lost answer may mean a sent mail."""
    client = boto3.client("sesv2", config=ONE_MAIL)
    return SesMailbox(client, settings().mail_from, settings().mail_configuration)


@cache
def audit() -> DynamoAudit:
    """Give the audit."""
    return DynamoAudit(table())


@cache
def assignments() -> DynamoAssignments:
    """Give the assignments."""
    return DynamoAssignments(table(), bodies(), client("s3"), settings().content_bucket)


@cache
def executions() -> StepFunctionsExecutions:
    """Give the runs of the workflow."""
    return StepFunctionsExecutions(client("stepfunctions"), settings().state_machine_arn)


@cache
def stopped_runs() -> EngineStoppedRuns:
    """Give the runs that stopped."""
    return EngineStoppedRuns(client("stepfunctions"))


@cache
def operators() -> SnsOperators:
    """Give the operators."""
    return SnsOperators(client("sns"), settings().alarm_topic)


@cache
def noticeboard() -> SnsNoticeboard:
    """Give the topic of news."""
    return SnsNoticeboard(client("sns"), settings().notice_topic)


@cache
def sandbox() -> LambdaSandbox:
    """Give the sandbox; a check that failed is asked for again by the workflow, not by the SDK."""
    invoker = boto3.client("lambda", config=ONE_TRY)
    return LambdaSandbox(invoker, settings().check_code_function)


@cache
def clock() -> SystemClock:
    """Give the clock."""
    return SystemClock()


def registry() -> Registry:
    """Give the models with the operator's overrides, read anew each time so that they work."""
    override = ParameterStore(client("ssm")).read(settings().models_parameter)
    return load_registry(override)
