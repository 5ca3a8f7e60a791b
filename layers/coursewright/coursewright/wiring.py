"""Builds the adapters behind the ports; no other module knows both sides.

This is a flat list of small functions. It stays one module, although a long one, so that there is
one place to look. Clients are built on first use. Adapters that only some Lambda functions need are
imported locally, so that the other functions start without them.
"""

from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

from coursewright.adapters.answers import DynamoAnswers
from coursewright.adapters.assignments import DynamoAssignments
from coursewright.adapters.audit import DynamoAudit
from coursewright.adapters.blob_store import BlobStore, TextStore
from coursewright.adapters.budget import DynamoBudgets
from coursewright.adapters.built_prompts import DynamoBuiltPrompts
from coursewright.adapters.clock import SystemClock
from coursewright.adapters.drafts import DynamoDrafts
from coursewright.adapters.executions import StepFunctionsExecutions
from coursewright.adapters.generations import DynamoGenerations, DynamoVerifications
from coursewright.adapters.lazy_client import LazyClient
from coursewright.adapters.lessons import S3Lessons
from coursewright.adapters.review_tasks import DynamoReviewTasks
from coursewright.adapters.reviews import DynamoReviews
from coursewright.adapters.sandbox_client import LambdaSandbox
from coursewright.adapters.table import Table
from coursewright.agents.model_registry import Registry, load_registry
from coursewright.domain.budget import MICROS, Caps
from coursewright.domain.model_call import Price
from coursewright.settings import settings

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.parameters import SecretsProvider

    from coursewright.adapters.alerts import SnsAlerts
    from coursewright.adapters.async_function import AsyncFunction
    from coursewright.adapters.author_cookies import SignedAuthorCookies
    from coursewright.adapters.email import SesMailbox
    from coursewright.adapters.erasure import DynamoErasure
    from coursewright.adapters.event_bus import EventBridgeBus
    from coursewright.adapters.exports import S3Exports
    from coursewright.adapters.links import SignedLinks
    from coursewright.adapters.model_catalogue import LambdaModelCatalogue
    from coursewright.adapters.notifications import SnsNotificationTopic, WebhookChat
    from coursewright.adapters.oidc_issuer import OidcIssuer
    from coursewright.adapters.parameters import ParameterStore
    from coursewright.adapters.secrets import SecretLinkKeys, SecretModelKeys
    from coursewright.agents.deps import AgentDeps, InvocationContext

# Step Functions retries, not the SDK: a lost response may mean that the call succeeded.
NO_RETRIES = Config(retries={"total_max_attempts": 1, "mode": "standard"}, read_timeout=100)
EMAIL_CONFIG = NO_RETRIES.merge(Config(read_timeout=10))
S3_CONFIG = Config(signature_version="s3v4")  # makes presigned links work in every region


@cache
def client(service: str) -> Any:
    """Return the client of an AWS service."""
    config = S3_CONFIG if service == "s3" else None
    return LazyClient(lambda: boto3.client(service, config=config))  # type: ignore[call-overload]


@cache
def table() -> Table:
    """Return the table."""
    return Table(client("dynamodb"), settings().table_name)


def blobs() -> BlobStore:
    """Return the store of large record bodies."""
    return BlobStore(texts("bodies", ".json"))


def texts(prefix: str, suffix: str) -> TextStore:
    """Return the store of texts under a prefix of the content bucket."""
    return TextStore(client("s3"), settings().content_bucket, prefix, suffix)


def lessons() -> S3Lessons:
    """Return the lessons."""
    return S3Lessons(client("s3"), settings().content_bucket)


def drafts() -> DynamoDrafts:
    """Return the drafts."""
    return DynamoDrafts(table(), blobs())


def answers() -> DynamoAnswers:
    """Return the replay ledger."""
    prompts, responses = texts("prompts", ".md"), texts("answers", ".txt")
    return DynamoAnswers(table(), blobs(), prompts=prompts, responses=responses)


def built_prompts() -> DynamoBuiltPrompts:
    """Return the prompts built at the start of a round."""
    return DynamoBuiltPrompts(table(), texts("prompts/built", ".md"))


def generations() -> DynamoGenerations:
    """Return the generations."""
    return DynamoGenerations(table())


def verifications() -> DynamoVerifications:
    """Return the stored evidence."""
    return DynamoVerifications(table(), blobs())


def budgets() -> DynamoBudgets:
    """Return the monthly and course budgets."""
    return DynamoBudgets(table())


def caps() -> Caps:
    """Return the spending caps."""
    return Caps(
        month=round(settings().monthly_budget_usd * MICROS),
        generation=round(settings().generation_budget_usd * MICROS),
    )


def pessimistic_price() -> Price:
    """Return the price assumed for models whose price is unknown."""
    return Price(input=settings().unknown_input_usd, output=settings().unknown_output_usd)


def reviews() -> DynamoReviews:
    """Return the reviews."""
    return DynamoReviews(table(), blobs())


def start_edit_check() -> "AsyncFunction":
    """Return the asynchronous function that verifies an edit."""
    from coursewright.adapters.async_function import AsyncFunction

    return AsyncFunction(client("lambda"), settings().verify_edit_function)


def review_tasks() -> DynamoReviewTasks:
    """Return the task tokens of waiting executions."""
    return DynamoReviewTasks(table(), client("stepfunctions"))


def audit() -> DynamoAudit:
    """Return the audit trail."""
    return DynamoAudit(table())


def assignments() -> DynamoAssignments:
    """Return the approved assignments."""
    return DynamoAssignments(table(), blobs(), client("s3"), settings().content_bucket)


def executions() -> StepFunctionsExecutions:
    """Return the executions, for functions that start them."""
    return StepFunctionsExecutions(client("stepfunctions"), settings().state_machine_arn)


def known_executions() -> StepFunctionsExecutions:
    """Return the executions, for functions that know their ARNs and only read them."""
    return StepFunctionsExecutions(client("stepfunctions"))


@cache
def sandbox() -> LambdaSandbox:
    """Return the sandbox."""
    return LambdaSandbox(boto3.client("lambda", config=NO_RETRIES), settings().check_code_function)


def clock() -> SystemClock:
    """Return the clock."""
    return SystemClock()


@cache
def parameters() -> "ParameterStore":
    """Return the parameters, which are read again twice a minute."""
    from aws_lambda_powertools.utilities.parameters import SSMProvider

    from coursewright.adapters.parameters import ParameterStore

    return ParameterStore(SSMProvider(boto3_client=client("ssm")))


def registry() -> Registry:
    """Return the model registry with the operator's overrides."""
    return load_registry(parameters().read(settings().models_parameter))


@cache
def mailbox() -> "SesMailbox":
    """Return the mailbox for outgoing email."""
    from coursewright.adapters.email import SesMailbox

    ses = boto3.client("sesv2", config=EMAIL_CONFIG)
    configuration = settings().mail_configuration
    return SesMailbox(ses, table(), sender=settings().mail_from, configuration=configuration)


def notification_topic() -> "SnsNotificationTopic":
    """Return the notification topic."""
    from coursewright.adapters.notifications import SnsNotificationTopic

    return SnsNotificationTopic(client("sns"), settings().notification_topic)


def alerts() -> "SnsAlerts":
    """Return the adapter that alerts operators."""
    from coursewright.adapters.alerts import SnsAlerts

    return SnsAlerts(client("sns"), settings().alarm_topic)


def event_bus() -> "EventBridgeBus":
    """Return the event bus on which modules are announced."""
    from coursewright.adapters.event_bus import EventBridgeBus

    return EventBridgeBus(client("events"), settings().event_bus)


def model_catalogue() -> "LambdaModelCatalogue":
    """Return the models that a course author may choose from."""
    from coursewright.adapters.model_catalogue import LambdaModelCatalogue

    return LambdaModelCatalogue(client("lambda"), settings().list_models_function)


def exports() -> "S3Exports":
    """Return the exports."""
    from coursewright.adapters.exports import S3Exports

    return S3Exports(client("s3"), settings().content_bucket)


def start_export() -> "AsyncFunction":
    """Return the function that starts an export."""
    from coursewright.adapters.async_function import AsyncFunction

    return AsyncFunction(client("lambda"), settings().export_assignments_function)


def erasure() -> "DynamoErasure":
    """Return the adapter that erases reviewers and courses."""
    from coursewright.adapters.erasable_objects import ErasableObjects
    from coursewright.adapters.erasure import DynamoErasure

    return DynamoErasure(table(), blobs(), ErasableObjects(client("s3"), settings().content_bucket))


@cache
def secrets() -> "SecretsProvider":
    """Return the secrets, which are read again every few minutes."""
    from aws_lambda_powertools.utilities.parameters import SecretsProvider

    return SecretsProvider(boto3_client=client("secretsmanager"))


@cache
def link_keys() -> "SecretLinkKeys":
    """Return the link signing keys."""
    from coursewright.adapters.secrets import SecretLinkKeys

    return SecretLinkKeys(secrets(), settings().link_keys_secret)


@cache
def model_keys() -> "SecretModelKeys":
    """Return the providers' API keys."""
    from coursewright.adapters.secrets import SecretModelKeys

    return SecretModelKeys(secrets(), settings().model_keys_secret)


@cache
def links() -> "SignedLinks":
    """Return the signer of links and sessions."""
    from coursewright.adapters.links import SignedLinks

    return SignedLinks(link_keys().keys)


@cache
def author_cookies() -> "SignedAuthorCookies":
    """Return the signer of authors' cookies."""
    from coursewright.adapters.author_cookies import SignedAuthorCookies
    from coursewright.adapters.secrets import SecretLinkKeys

    keys = SecretLinkKeys(secrets(), settings().author_keys_secret)
    return SignedAuthorCookies(keys.keys)


def issuer() -> "OidcIssuer":
    """Return the issuer at which authors sign in."""
    return _issuer(parameters().read(settings().sign_in_parameter))


@cache
def _issuer(content: str) -> "OidcIssuer":
    from coursewright.adapters.oidc_issuer import OidcIssuer
    from coursewright.adapters.secrets import SecretText
    from coursewright.domain.sign_in import IssuerClient

    known = IssuerClient.model_validate_json(content)
    return OidcIssuer(known, secret=SecretText(secrets(), known.secret).read, clock=clock())


@cache
def chat() -> "WebhookChat":
    """Return the team's chat."""
    from coursewright.adapters.notifications import WebhookChat

    return WebhookChat(secrets(), settings().chat_secret)


def review_ports() -> dict[str, Any]:
    """Return, by name, the ports used by code that reads a review or acts on it."""
    return {
        "reviews": reviews(),
        "generations": generations(),
        "lessons": lessons(),
        "drafts": drafts(),
        "verifications": verifications(),
        "links": links(),
        "audit": audit(),
        "clock": clock(),
    }


def agent_deps() -> "AgentDeps":
    """Return the dependencies of the agent steps."""
    from coursewright.agents.deps import AgentDeps

    return AgentDeps(
        generations=generations(),
        lessons=lessons(),
        drafts=drafts(),
        answers=answers(),
        built_prompts=built_prompts(),
        verifications=verifications(),
        reviews=reviews(),
        assignments=assignments(),
        registry=registry(),
        model_key=model_keys().get,
        clock=clock(),
        max_call_tokens=settings().max_call_tokens,
    )


def invocation(context: Any) -> "InvocationContext":
    """Return this invocation's lease id and remaining time."""
    from coursewright.agents.deps import InvocationContext

    seconds_left = context.get_remaining_time_in_millis() / 1000
    return InvocationContext(lease=context.aws_request_id, seconds_left=seconds_left)
