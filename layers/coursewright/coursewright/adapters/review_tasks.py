"""Task tokens of executions waiting for a reviewer."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from coursewright.adapters.table import Table, error_code
from coursewright.domain.errors import ResumeFailed, TaskTokenGone
from coursewright.domain.review import Review

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions.client import SFNClient

TOKEN_DAYS_AFTER_REVIEW = 14  # how long an execution can be redriven
TASK_GONE = ("TaskTimedOut", "TaskDoesNotExist", "InvalidToken")


class DynamoReviewTasks:
    """Stores each review's newest task token and uses it to resume its execution."""

    def __init__(self, table: Table, client: "SFNClient") -> None:
        self._table = table
        self._client = client

    def save(self, review: Review, reminder: int, task_token: str, *, now: datetime) -> None:
        """Store the newest token of a review."""
        self._table.put(
            {
                "PK": _token_partition(review),
                "SK": "CURRENT",
                "task_token": task_token,
                "reminder": reminder,
                "stored_at": now.isoformat(),
                "expires_at": _token_expiry(review),
            },
            "attribute_not_exists(PK) OR reminder <= :reminder",
            {":reminder": reminder},
        )

    def resume(self, review: Review) -> None:
        """Resume the waiting execution. Raises: TaskTokenGone or ResumeFailed."""
        item = self._table.get(_token_partition(review), "CURRENT")
        if item is None:
            raise TaskTokenGone(review.review)
        self.resume_task(item["task_token"])

    def resume_task(self, task_token: str) -> None:
        """Resume the execution waiting with this token. Raises: TaskTokenGone or ResumeFailed."""
        try:
            self._client.send_task_success(taskToken=task_token, output="{}")
        except ClientError as error:
            if error_code(error) in TASK_GONE:
                raise TaskTokenGone("the task token is no longer valid") from error
            raise ResumeFailed(f"Step Functions answered {error_code(error)}") from error
        except BotoCoreError as error:
            raise ResumeFailed(
                f"Step Functions cannot be reached: {type(error).__name__}"
            ) from error


def _token_partition(review: Review) -> str:
    return f"TOKEN#{review.generation}#{review.round}"


def _token_expiry(review: Review) -> int:
    return int((review.expires_at + timedelta(days=TOKEN_DAYS_AFTER_REVIEW)).timestamp())
