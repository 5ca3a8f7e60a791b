"""What can go wrong, named for what happened.

    CoursewrightError
    ├── EventInvalid            a field of an event is missing or wrong; nothing was paid
    ├── BudgetExceeded          a cap would be passed; raise it, then redrive
    ├── TableContended          retried by the workflow: too many wrote the same item just then
    ├── ModelError
    │   ├── ModelThrottled      retried by the workflow: the provider asks to slow down
    │   ├── ModelUnavailable    retried by the workflow: the provider is down or unreachable
    │   ├── ModelCallInFlight   retried by the workflow: another call holds the lease
    │   ├── ModelRefused        caught by the workflow: the provider declines this task
    │   ├── ModelDisabled       caught by the workflow: an operator switched the model off
    │   ├── ModelOutputInvalid  permanent: the whole answer breaks the contract
    │   └── ModelNotUsable      permanent: unknown model, missing or wrong key, no quota
    ├── GenerationRunning       somebody asks to forget what a run still needs
    ├── DraftError
    │   ├── DraftConflict       the same record exists with other content
    │   └── DraftMissing        a record that a step needs is not there
    ├── SandboxUnavailable      no isolation on this machine; code is never run without
    ├── CheckFailed             check_code itself broke; a draft's faults are evidence, no error
    ├── PublicationConflict     an assignment exists with other content
    ├── ExportImpossible        a format cannot carry an assignment, or there is none of that name
    ├── ImportInvalid           a file holds no assignments that can be taken back
    ├── MailError
    │   ├── MailThrottled       retried by the workflow: the mail service asks to slow down
    │   └── MailRejected        permanent: unverified sender or refused address
    ├── NotificationError
    │   ├── NotificationNotSent       the topic took no news; the review goes on without
    │   ├── ChatUnreachable     the chat took no news: asked again, at last a dead letter
    │   └── ChatMisconfigured   the secret with the chat's webhook is of no use
    └── ReviewError
        ├── LinkInvalid         tampered, expired, foreign or unknown link or session
        ├── ReviewMissing       no such review
        ├── ReviewExpired       the decision came too late
        ├── ReviewLocked        five wrong codes were entered
        ├── CodeWrong           the six digits do not match the mail
        ├── RequestForged       foreign origin or missing CSRF token
        ├── AlreadyDecided      another decision was faster
        ├── ReviewChanged       the drafts are not those that the page showed
        ├── DecisionInvalid     the form does not say what to do
        ├── EditInvalid         an edit changes nothing, or more than may be
        ├── EditConflict        somebody else edited the same draft meanwhile
        ├── InvitationRefused   this address may not be asked for a review
        ├── TaskTokenGone       nobody waits with this token any more
        └── ResumeFailed        the engine could not be told now: retried by the workflow, or
                                the sweeper tells it later

Step Functions matches the class *name* and ignores inheritance; ``tests/contracts`` checks that
every name in the state machine is a class in this module.
"""


class CoursewrightError(Exception):
    """Anything this project raises on purpose."""


class EventInvalid(CoursewrightError):
    """A field of an event is missing or wrong."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
        self.field = field
        self.problem = problem


class GenerationRunning(CoursewrightError):
    """A run still needs what somebody asks to forget."""

    def __init__(self, generations: list[str]) -> None:
        some = ", ".join(generations[:5]) + (" and more" if len(generations) > 5 else "")
        super().__init__(
            f"{some}: running. Wait for the end, stop the run, or say also_running; a run that"
            " loses its records fails, and a review that loses its only reviewer expires."
        )


class BudgetExceeded(CoursewrightError):
    """The estimate does not fit under the month's, the generation's or the course's cap."""


class TableContended(CoursewrightError):
    """Others wrote an item of this transaction, or too many did; nothing was written."""


class ModelError(CoursewrightError):
    """A model call did not end well."""


class ModelThrottled(ModelError):
    """The provider asks to slow down."""


class ModelUnavailable(ModelError):
    """The provider is down or cannot be reached."""


class ModelCallInFlight(ModelError):
    """Another call for the same answer holds the lease."""


class ModelRefused(ModelError):
    """The provider declines this task."""


class ModelDisabled(ModelError):
    """An operator switched the model off in the registry."""


class ModelOutputInvalid(ModelError):
    """The model's whole answer breaks the contract; nothing of it is used."""


class ModelNotUsable(ModelError):
    """Unknown model, missing or wrong key, exhausted quota: a person has to act."""


class DraftError(CoursewrightError):
    """A draft's records are not as they should be."""


class DraftConflict(DraftError):
    """The same record exists with other content."""


class DraftMissing(DraftError):
    """A record that a step needs is not there."""


class SandboxUnavailable(CoursewrightError):
    """No isolation can be had on this machine, so no code is run."""


class CheckFailed(CoursewrightError):
    """The sandbox function itself broke."""


class PublicationConflict(CoursewrightError):
    """An assignment exists with other content."""


class ExportImpossible(CoursewrightError):
    """A format cannot carry an assignment, or there is none of that name."""


class ImportInvalid(CoursewrightError):
    """A file holds no assignments that can be taken back."""


class MailError(CoursewrightError):
    """A mail could not be handed over."""


class MailThrottled(MailError):
    """The mail service asks to slow down or is down."""


class MailRejected(MailError):
    """The mail service refuses this mail for good."""


class NotificationError(CoursewrightError):
    """News did not reach others than the reviewers."""


class NotificationNotSent(NotificationError):
    """The topic did not take a notice."""


class ChatUnreachable(NotificationError):
    """The chat did not take a notice."""


class ChatMisconfigured(NotificationError):
    """The secret with the chat's webhook is of no use."""


class ReviewError(CoursewrightError):
    """A review cannot go on as asked."""


class LinkInvalid(ReviewError):
    """The link or session is tampered with, expired, foreign or unknown."""


class ReviewMissing(ReviewError):
    """There is no such review."""


class ReviewExpired(ReviewError):
    """The decision came too late."""


class ReviewLocked(ReviewError):
    """Too many wrong codes were entered."""


class CodeWrong(ReviewError):
    """The six digits do not match the mail."""


class RequestForged(ReviewError):
    """The request comes from a foreign origin or lacks its CSRF token."""


class AlreadyDecided(ReviewError):
    """Another decision was faster."""

    def __init__(self, review: str, decided_by: str, decided_at: str, decision: str) -> None:
        super().__init__(f"{review} was decided by {decided_by} at {decided_at}: {decision}")
        self.decided_by = decided_by
        self.decided_at = decided_at
        self.decision = decision


class ReviewChanged(ReviewError):
    """The drafts are not those that the page showed."""


class DecisionInvalid(ReviewError):
    """The form does not say what to do."""


class EditInvalid(ReviewError):
    """An edit changes nothing, or more than may be."""


class EditConflict(ReviewError):
    """Somebody else edited the same draft meanwhile."""


class InvitationRefused(ReviewError):
    """This address may not be asked for a review."""


class TaskTokenGone(ReviewError):
    """Nobody waits with this token any more."""


class ResumeFailed(ReviewError):
    """The engine could not be told now; the sweeper tells it later."""
