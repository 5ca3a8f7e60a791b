"""The other AWS services, each behind the words of a port."""

import json
from datetime import UTC, datetime
from email.utils import parseaddr
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from botocore.exceptions import BotoCoreError, ClientError

from coursewright.adapters.table import error_code
from coursewright.domain import errors
from coursewright.domain.email import Mail
from coursewright.domain.errors import CheckFailed, MailRejected, MailThrottled, SandboxUnavailable
from coursewright.domain.generation import GenerationRequest

if TYPE_CHECKING:
    from mypy_boto3_lambda.client import LambdaClient
    from mypy_boto3_sesv2.client import SESV2Client
    from mypy_boto3_sesv2.type_defs import ContentTypeDef, MessageHeaderTypeDef
    from mypy_boto3_ssm.client import SSMClient
    from mypy_boto3_stepfunctions.client import SFNClient

MAIL_REJECTED = (
    "AccessDeniedException",
    "AccountSuspendedException",
    "BadRequestException",
    "MailFromDomainNotVerifiedException",
    "MessageRejected",
    "NotFoundException",
)


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the present moment, aware of its zone."""
        return datetime.now(UTC)


class StepFunctionsExecutions:
    """Runs of the state machine."""

    def __init__(self, client: "SFNClient", state_machine_arn: str) -> None:
        self._client = client
        self._arn = state_machine_arn

    def start(self, name: str, request: GenerationRequest) -> bool:
        """Start a run; False where one of that name exists."""
        try:
            self._client.start_execution(
                stateMachineArn=self._arn, name=name, input=request.model_dump_json()
            )
        except self._client.exceptions.ExecutionAlreadyExists:
            return False
        return True


class SesMailbox:
    """Outgoing mail through SES, under a configuration set of our own that tracks nothing."""

    def __init__(self, client: "SESV2Client", sender: str, configuration: str) -> None:
        self._client = client
        self._sender = sender
        self._configuration = configuration

    def send(self, mail: Mail) -> None:
        """Hand a mail over. Raises: MailThrottled or MailRejected."""
        try:
            self._client.send_email(
                FromEmailAddress=self._sender,
                ConfigurationSetName=self._configuration,
                Destination={"ToAddresses": [mail.recipient]},
                Content={
                    "Simple": {
                        "Subject": _utf8(mail.subject),
                        "Body": {"Text": _utf8(mail.text), "Html": _utf8(mail.html)},
                        "Headers": self._headers(mail),
                    }
                },
            )
        except ClientError as error:
            message = error.response.get("Error", {}).get("Message", "")
            sentence = f"the mail service answered {error_code(error)}: {message}"
            if error_code(error) in MAIL_REJECTED:
                raise MailRejected(sentence) from error
            raise MailThrottled(sentence) from error
        except BotoCoreError as error:
            raise MailThrottled(f"no mail service: {type(error).__name__}") from error

    def _headers(self, mail: Mail) -> "list[MessageHeaderTypeDef]":
        """Let reminders be stopped by a mail to a person: no robot's click can silence them."""
        if not mail.stop_subject:
            return []
        target = f"mailto:{parseaddr(self._sender)[1]}?subject={quote(mail.stop_subject, safe='')}"
        return [{"Name": "List-Unsubscribe", "Value": f"<{target}>"}]


def _utf8(text: str) -> "ContentTypeDef":
    return {"Data": text, "Charset": "UTF-8"}


class LambdaSandbox:
    """The check_code function: no rights but to log."""

    def __init__(self, client: "LambdaClient", function: str) -> None:
        self._client = client
        self._function = function

    def check(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return the evidence of DESIGN §7 for a `check_code` request.

        Raises: SandboxUnavailable, CheckFailed or EventInvalid.
        """
        answer = self._client.invoke(
            FunctionName=self._function, Payload=json.dumps(request).encode()
        )
        payload: dict[str, Any] = json.loads(answer["Payload"].read())
        if "FunctionError" in answer:
            raise _error_of(payload)
        return payload


def _error_of(payload: dict[str, Any]) -> errors.CoursewrightError:
    name, message = payload.get("errorType", "Unknown"), str(payload.get("errorMessage", ""))
    if name == "EventInvalid":
        return errors.EventInvalid("check_code", message)
    if name == "SandboxUnavailable":
        return SandboxUnavailable(message)
    return CheckFailed(f"check_code failed with {name}: {message}")


class ParameterStore:
    """Plain parameters."""

    def __init__(self, client: "SSMClient") -> None:
        self._client = client

    def read(self, name: str) -> str:
        """Return a parameter's text."""
        value: str = self._client.get_parameter(Name=name)["Parameter"]["Value"]
        return value
