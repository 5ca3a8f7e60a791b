"""All errors that this project raises, each named after what happened.

    CoursewrightError
    ├── EventInvalid            a field of an event is missing or wrong; nothing was spent
    ├── BudgetExceeded          a cap would be exceeded; raise the cap, then redrive
    ├── TableContended          retried by the workflow: concurrent writes to the same item
    ├── ModelError
    │   ├── ModelThrottled      retried by the workflow: the provider is rate-limiting us
    │   ├── ModelUnavailable    retried by the workflow: the provider is down or unreachable
    │   ├── ModelCallInFlight   retried by the workflow: another call holds the lease
    │   ├── ModelRefused        caught by the workflow: the provider declined this task
    │   ├── ModelDisabled       caught by the workflow: an operator disabled the model
    │   ├── PromptTooLong       caught by the workflow: the model's context is too small
    │   ├── ModelOutputInvalid  permanent: the answer violates the contract
    │   └── ModelNotUsable      permanent: unknown model, missing or wrong key, no quota
    ├── GenerationRunning       the data to erase is still needed by a running execution
    ├── DraftError
    │   ├── DraftConflict       the same record exists with different content
    │   └── DraftMissing        a record that a step needs does not exist
    ├── SandboxUnavailable      retried by the workflow: this machine cannot isolate or check code
    ├── StepUnanswered          a step of a check did not answer, not even in a new worker
    ├── CheckFailed             check_code itself failed; a faulty draft is evidence, not an error
    ├── PublicationConflict     an assignment exists with different content
    ├── ExportImpossible        the format cannot represent it, or there is nothing to export
    ├── ImportInvalid           a file contains no assignments that can be imported
    ├── MailError
    │   ├── MailThrottled       retried by the workflow: SES is down or rate-limiting us
    │   └── MailRejected        permanent: unverified sender or rejected address
    ├── NotificationError
    │   ├── NotificationNotSent the topic did not accept a notification; the review continues
    │   ├── ChatUnreachable     retried by Lambda, then sent to the dead-letter queue
    │   └── ChatMisconfigured   the chat webhook secret is invalid
    ├── SignInFailed            an author could not sign in; a code says why
    └── ReviewError
        ├── LinkInvalid         tampered, expired, foreign or unknown link or session
        ├── ReviewMissing       there is no such review
        ├── ReviewExpired       the decision came too late
        ├── ReviewLocked        too many wrong codes were entered on one link
        ├── FormRejected        a submitted form is not valid; a code says why
        │   ├── CodeWrong           the code is not the one in the email
        │   ├── DecisionInvalid     the form does not contain a valid decision
        │   ├── EditInvalid         the edit is empty or exceeds a limit
        │   └── InvitationRefused   this address may not be invited
        ├── RequestForged       foreign origin or missing CSRF token
        ├── AlreadyDecided      someone else decided first
        ├── ReviewChanged       the drafts differ from those on the page
        ├── EditConflict        someone else edited the same draft
        ├── TaskTokenGone       the task token is no longer valid
        └── ResumeFailed        retried by the workflow, or delivered later by the sweeper

Step Functions matches the class *name* and ignores inheritance; ``tests/contracts`` checks that
every name in the state machine is a class in this module.
"""

from typing import Self

from coursewright.domain.export_problem import ExportProblem, ExportProblemCode
from coursewright.domain.problems import ProblemCode, SignInProblem


class CoursewrightError(Exception):
    """Base class of all errors that this project raises."""


class EventInvalid(CoursewrightError):
    """A field of an event is missing or wrong."""

    def __init__(
        self, field: str, problem: str, code: ProblemCode | None = None, **params: str | int
    ) -> None:
        super().__init__(f"{field}: {problem}")
        self.field = field
        self.problem = problem
        self.code = code
        self.params = params


class GenerationRunning(CoursewrightError):
    """The data to erase is still needed by a running execution."""

    def __init__(self, generations: list[str]) -> None:
        some = ", ".join(generations[:5]) + (" and more" if len(generations) > 5 else "")
        super().__init__(
            f"Still running: {some}. Wait until they finish, stop the executions, or set"
            " also_running. An execution that loses its records fails, and a review that loses its"
            " only reviewer expires."
        )


class BudgetExceeded(CoursewrightError):
    """The estimate exceeds the monthly, generation or course cap."""


class TableContended(CoursewrightError):
    """Concurrent writes or throttling cancelled a transaction; nothing was written."""


class ModelError(CoursewrightError):
    """A model call failed."""


class ModelThrottled(ModelError):
    """The provider is rate-limiting us."""


class ModelUnavailable(ModelError):
    """The provider is down or unreachable."""


class ModelCallInFlight(ModelError):
    """Another call for the same answer holds the lease."""


class ModelRefused(ModelError):
    """The provider declined this task."""


class ModelDisabled(ModelError):
    """An operator disabled the model in the registry."""


class PromptTooLong(ModelError):
    """A prompt and its answer do not fit into the model's context window."""


class ModelOutputInvalid(ModelError):
    """The model's answer violates the contract; none of it is used."""


class ModelNotUsable(ModelError):
    """The model is unknown, its key is missing or wrong, or its quota is exhausted."""


class DraftError(CoursewrightError):
    """A draft's records are missing or inconsistent."""


class DraftConflict(DraftError):
    """The same record exists with different content."""


class DraftMissing(DraftError):
    """A record that a step needs does not exist."""


class SandboxUnavailable(CoursewrightError):
    """This machine cannot isolate code, or cannot check even a simple draft."""


class StepUnanswered(CoursewrightError):
    """A step of a check did not answer, not even in a new worker."""

    def __init__(self, step: str) -> None:
        super().__init__(step)
        self.step = step


class CheckFailed(CoursewrightError):
    """The sandbox function itself failed."""


class PublicationConflict(CoursewrightError):
    """An assignment with the same id but different content already exists."""


class ExportImpossible(CoursewrightError):
    """The format cannot represent an assignment, or there is nothing to export."""

    def __init__(self, *problems: ExportProblem) -> None:
        super().__init__(", ".join(problem.code for problem in problems))
        self.problems = problems

    @classmethod
    def because(cls, code: ExportProblemCode, **params: str | int) -> Self:
        """Return an error that reports a single problem."""
        return cls(ExportProblem(code=code, params=params))


class ImportInvalid(CoursewrightError):
    """A file contains no assignments that can be imported."""


class MailError(CoursewrightError):
    """An email could not be sent."""


class MailThrottled(MailError):
    """SES is down or rate-limiting us."""


class MailRejected(MailError):
    """SES permanently rejects this email."""


class NotificationError(CoursewrightError):
    """A notification could not be delivered."""


class NotificationNotSent(NotificationError):
    """The topic did not accept a notification."""


class ChatUnreachable(NotificationError):
    """The chat did not accept a notification."""


class ChatMisconfigured(NotificationError):
    """The chat webhook secret is invalid."""


class SignInFailed(CoursewrightError):
    """An author could not sign in; `code` says why."""

    def __init__(self, code: SignInProblem, detail: str) -> None:
        super().__init__(detail)
        self.code = code


class ReviewError(CoursewrightError):
    """A request concerning a review cannot be fulfilled."""


class LinkInvalid(ReviewError):
    """The link or session is tampered with, expired, foreign or unknown."""


class ReviewMissing(ReviewError):
    """There is no such review."""


class ReviewExpired(ReviewError):
    """The decision came too late."""


class ReviewLocked(ReviewError):
    """Too many wrong codes were entered on a reviewer's link; other reviewers can still decide."""


class FormRejected(ReviewError):
    """A submitted form is not valid; `code` and `params` say why."""

    def __init__(self, code: ProblemCode, **params: str | int) -> None:
        super().__init__(code.value)
        self.code = code
        self.params = params


class CodeWrong(FormRejected):
    """The code is not the one in the email."""


class RequestForged(ReviewError):
    """The request comes from a foreign origin or lacks its CSRF token."""


class AlreadyDecided(ReviewError):
    """Someone else decided first."""

    def __init__(self, review: str, decided_by: str, decided_at: str, decision: str) -> None:
        super().__init__(f"{review} was decided by {decided_by} at {decided_at}: {decision}")
        self.decided_by = decided_by
        self.decided_at = decided_at
        self.decision = decision


class ReviewChanged(ReviewError):
    """The drafts differ from those shown on the page."""


class DecisionInvalid(FormRejected):
    """The form does not contain a valid decision."""


class EditInvalid(FormRejected):
    """The edit is empty or exceeds a limit."""


class EditConflict(ReviewError):
    """Someone else edited the same draft in the meantime."""


class InvitationRefused(FormRejected):
    """This address may not be invited to review."""


class TaskTokenGone(ReviewError):
    """The task token is no longer valid."""


class ResumeFailed(ReviewError):
    """Step Functions could not be notified of a decision; the sweeper retries later."""
