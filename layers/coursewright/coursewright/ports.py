"""What the steps need from the outside world, in the words of the course team."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Protocol

from coursewright.domain.assignment import (
    Assignment,
    Draft,
    DraftHint,
    DraftSolution,
    DraftTests,
)
from coursewright.domain.budget import Caps, CourseRun, Reservation
from coursewright.domain.certificate import Certificate
from coursewright.domain.edit import Edit, EditCheck
from coursewright.domain.generation import Generation, GenerationRequest, GenerationStatus
from coursewright.domain.league import LeagueRow
from coursewright.domain.lesson import LessonPointer, ObjectPlace
from coursewright.domain.mail import Mail
from coursewright.domain.model_call import Agent, Answer, AnswerKey, ListedModel, ModelCall, Price
from coursewright.domain.notice import Notice
from coursewright.domain.review import CourseNote, Marks, Review
from coursewright.domain.run import Run
from coursewright.domain.verification import CrossCheck, Verification
from coursewright.exports.files import Exported, Format


class Clock(Protocol):
    """Time, handed in so that tests can hold it."""

    def now(self) -> datetime:
        """Give the present moment, aware of its zone."""
        ...


class Lessons(Protocol):
    """Snapshots of lesson texts, found by the text's sha256."""

    def save(self, html: str, *, course: str = "") -> LessonPointer:
        """Keep a text; the same text of the same course is kept once."""
        ...

    def read(self, pointer: LessonPointer) -> str:
        """Give the text of a snapshot."""
        ...

    def fetch(self, place: ObjectPlace) -> str:
        """Read a lesson where the course platform put it. Raises: EventInvalid."""
        ...


class Prompts(Protocol):
    """Prompts as they were sent, found by their sha256."""

    def save(self, text: str) -> str:
        """Keep a prompt and give its sha256."""
        ...


class RawAnswers(Protocol):
    """Answers as providers sent them, for audit, found by their sha256 until they are forgotten."""

    def save(self, text: str) -> str:
        """Keep an answer and give its sha256."""
        ...


class Executions(Protocol):
    """Runs of the workflow."""

    def start(self, name: str, request: GenerationRequest) -> bool:
        """Start a run; False where one of that name exists."""
        ...


class Runs(Protocol):
    """Runs of the workflow, as far as a course author may know them."""

    def get(self, execution: str) -> Run | None:
        """Give a run, or None where the engine has forgotten it."""
        ...


class ModuleBus(Protocol):
    """Where modules are announced, by the course platform or the desk."""

    def publish(self, detail: dict[str, Any]) -> None:
        """Put a `Module Published` event on the bus."""
        ...


class Uploads(Protocol):
    """Lessons that an author handed in, until a generation has its snapshot."""

    def save(self, html: str) -> ObjectPlace:
        """Keep a lesson; the same one lies in the same place."""
        ...


class GenerationList(Protocol):
    """All generations of a month."""

    def of_month(self, month: str) -> tuple[str, ...]:
        """Give the generations that started in a month such as 2026-01, newest first."""
        ...


class Generations(Protocol):
    """Claimed generations and how they ended."""

    def get(self, generation: str) -> Generation:
        """Give a generation. Raises: DraftMissing."""
        ...

    def is_claimed(self, generation: str) -> bool:
        """Say whether some execution owns this generation."""
        ...

    def close(self, generation: str, status: GenerationStatus, *, now: datetime) -> None:
        """Write the final status; the same status again changes nothing."""
        ...


class GenerationArchive(GenerationList, Protocol):
    """All generations, for whoever looks for what they hold of a person or a course."""

    def get(self, generation: str) -> Generation:
        """Give a generation. Raises: DraftMissing."""
        ...

    def unfinished(self, months: Iterable[str]) -> tuple[Generation, ...]:
        """Give the generations of these months (yyyy-mm) that are not closed."""
        ...


class ReviewerRecords(Protocol):
    """Where a reviewer's address and words lie."""

    def name(self, generation: Generation, address: str) -> bool:
        """Say whether a generation or one of its reviews names this person."""
        ...

    def forget(self, generation: Generation, address: str, *, nonce: str) -> int:
        """Put a pseudonym in place of an address, delete what was written; count the changes."""
        ...


class CourseRecords(Protocol):
    """Everything that was made for a course."""

    def forget(self, generation: Generation) -> int:
        """Delete a generation with all its texts; count the records."""
        ...

    def forget_notes(self, course: str) -> int:
        """Delete what is kept of a course beside its generations."""
        ...


class UnfinishedGenerations(Protocol):
    """Generations that are not closed, for whoever compares them with the engine."""

    def unfinished(self, months: Iterable[str]) -> tuple[Generation, ...]:
        """Give the generations of these months (yyyy-mm) that are not closed."""
        ...

    def mark(self, seen: Generation, status: GenerationStatus) -> bool:
        """Change the status of a generation; False if it is not as it was seen any more."""
        ...


class Drafts(Protocol):
    """What the agents wrote, each part under its own agent's key.

    A save of the same content again is a replay. Raises: DraftConflict for other content.
    """

    def save_drafts(self, drafts: tuple[Draft, ...]) -> None:
        """Keep all drafts of one answer, or none."""
        ...

    def save_tests(self, generation: str, tests: DraftTests) -> None:
        """Keep the tests of one attempt."""
        ...

    def save_solution(self, generation: str, solution: DraftSolution) -> None:
        """Keep the solution of one attempt."""
        ...

    def save_blind_solution(self, generation: str, solver: str, solution: DraftSolution) -> None:
        """Keep how another model solved a draft from its text and starter alone."""
        ...

    def blind_solution(self, generation: str, draft: str, solver: str) -> DraftSolution:
        """Give how another model solved a draft. Raises: DraftMissing."""
        ...

    def save_hint(self, generation: str, hint: DraftHint) -> None:
        """Keep the hint of a draft."""
        ...

    def hint(self, generation: str, draft: str) -> DraftHint | None:
        """Give the hint of a draft, if one was asked for."""
        ...

    def get(self, generation: str, draft: str) -> Draft:
        """Give a draft. Raises: DraftMissing."""
        ...

    def of_round(self, generation: str, round_number: int) -> tuple[Draft, ...]:
        """Give all drafts of a round, by task number, then model."""
        ...

    def latest_tests(self, generation: str, draft: str, *, attempt: int) -> DraftTests | None:
        """Give the newest tests written up to an attempt."""
        ...

    def latest_solution(self, generation: str, draft: str, *, attempt: int) -> DraftSolution | None:
        """Give the newest solution written up to an attempt."""
        ...

    def tests_of_round(self, generation: str, round_number: int) -> tuple[DraftTests, ...]:
        """Give the tests of a round, of every attempt."""
        ...

    def solutions_of_round(self, generation: str, round_number: int) -> tuple[DraftSolution, ...]:
        """Give the solutions of a round, of every attempt."""
        ...

    def hints_of_round(self, generation: str, round_number: int) -> tuple[DraftHint, ...]:
        """Give the hints of a round."""
        ...


class Answers(Protocol):
    """The replay ledger: an accepted answer is found again, never paid again."""

    def accepted(self, key: AnswerKey) -> Answer | None:
        """Give the accepted answer, if there is one."""
        ...

    def start(self, key: AnswerKey, *, lease: str, now: datetime, until: datetime) -> None:
        """Mark a call in flight. Raises: ModelCallInFlight while another lease runs."""
        ...

    def accept(self, key: AnswerKey, answer: Answer, *, lease: str) -> None:
        """Keep an answer before it is used. Raises: ModelCallInFlight if the lease was lost."""
        ...

    def refuse(self, key: AnswerKey, call: ModelCall, *, lease: str) -> None:
        """Record a paid answer that cannot be used, and free the lease."""
        ...

    def release(self, key: AnswerKey, *, lease: str) -> None:
        """Free the lease of a call that brought no answer."""
        ...

    def calls(self, agent: Agent, generation: str) -> tuple[ModelCall, ...]:
        """Give every paid call of an agent in a generation."""
        ...


class Verifications(Protocol):
    """Evidence per draft and attempt."""

    def save(self, generation: str, verification: Verification) -> Verification:
        """Keep the evidence of an attempt; the first one stands and is given back."""
        ...

    def of_round(self, generation: str, round_number: int) -> tuple[Verification, ...]:
        """Give all evidence of a round."""
        ...

    def get(self, generation: str, draft: str, attempt: int) -> Verification | None:
        """Give the evidence of one attempt."""
        ...

    def save_cross_check(self, generation: str, check: CrossCheck) -> CrossCheck:
        """Keep what came of another model's solution; the first one stands and is given back."""
        ...

    def cross_checks(self, generation: str, round_number: int) -> tuple[CrossCheck, ...]:
        """Give what came of the other models' solutions in a round."""
        ...

    def save_certificates(
        self, generation: str, round_number: int, certificates: tuple[Certificate, ...]
    ) -> None:
        """Keep the certificates of a round; the first ones stand."""
        ...

    def certificates(self, generation: str, round_number: int) -> tuple[Certificate, ...]:
        """Give the certificates of a round."""
        ...


class Leagues(Protocol):
    """The comparison of models, per round."""

    def save(
        self,
        generation: str,
        round_number: int,
        rows: tuple[LeagueRow, ...],
        costs: Mapping[str, str],
    ) -> None:
        """Keep a round's league and the cost record of each call; the first ones stand."""
        ...

    def get(self, generation: str, round_number: int) -> tuple[LeagueRow, ...]:
        """Give a round's league, best model first."""
        ...


class Budget(Protocol):
    """The month's money, in millionths of a dollar."""

    def reserve(self, reservation: Reservation, *, caps: Caps) -> int:
        """Set a round's amount aside, once; gives what the generation has set aside.

        Raises: BudgetExceeded.
        """
        ...

    def settle(self, month: str, generation: str, spent: int) -> None:
        """Replace the reservation by what was really spent, once."""
        ...


class CourseBudget(Protocol):
    """The money of a run that starts a whole course, in millionths of a dollar."""

    def reserve(self, run: CourseRun, generation: str, amount: int) -> bool:
        """Set a generation's estimate aside, once; False where it does not fit."""
        ...


class Edits(Protocol):
    """What reviewers changed in drafts, and marked, while a review is open."""

    def edits(self, review: Review) -> tuple[Edit, ...]:
        """Give all versions of a review's drafts, each with what the sandbox found, by number."""
        ...

    def save_edit(self, review: str, edit: Edit, *, now: datetime) -> None:
        """Keep a version while the review is open.

        Raises: EditConflict if there is one of that number, or if the review is not open.
        """
        ...

    def save_check(self, review: str, check: EditCheck) -> bool:
        """Keep what the sandbox found while nobody has decided; the first finding stands."""
        ...

    def keep_marks(self, review: str, reviewer: str, marks: Marks) -> None:
        """Keep what a reviewer has marked but not sent, in place of what was kept before."""
        ...

    def marks(self, review: str, reviewer: str) -> Marks:
        """Give what a reviewer has marked but not sent."""
        ...


class Reviews(Edits, Protocol):
    """Rounds of decisions."""

    def open(self, review: Review) -> Review:
        """Keep a pending review; the first one stands and is given back."""
        ...

    def get(self, review: str) -> Review:
        """Give a review. Raises: ReviewMissing."""
        ...

    def decide(self, decided: Review) -> None:
        """Write a decision if the review is still pending and shows the same drafts.

        Raises: AlreadyDecided, ReviewChanged, ReviewExpired or ReviewLocked.
        """
        ...

    def invite(self, changed: Review, *, now: datetime) -> None:
        """Write who may decide, and by which links, while the review is open.

        Raises: AlreadyDecided, ReviewExpired or ReviewChanged.
        """
        ...

    def expire(self, review: str, *, now: datetime, delivered: bool = True) -> bool:
        """Turn pending into expired; False if a decision was faster."""
        ...

    def overdue(self, *, now: datetime) -> tuple[Review, ...]:
        """Give pending reviews whose time is over."""
        ...

    def count_wrong_code(self, review: str) -> int:
        """Count one wrong code and give their number."""
        ...

    def mark_delivered(self, review: str) -> None:
        """Note that the workflow learned of the decision."""
        ...

    def undelivered(self) -> tuple[Review, ...]:
        """Give decided reviews of which the workflow may not know."""
        ...


class EditChecks(Protocol):
    """The sandbox's work on edits, which goes on while the reviewer reads."""

    def start(self, review: Review, draft: str, number: int) -> None:
        """Let a version be verified; this does not wait for the end."""
        ...


class CourseNotes(Protocol):
    """What reviewers of a course asked for."""

    def add(self, course: str, note: CourseNote) -> None:
        """Keep a note; the same one again changes nothing."""
        ...

    def before(self, course: str, moment: datetime) -> tuple[CourseNote, ...]:
        """Give the notes that were written before a moment, oldest first."""
        ...


class ReviewTasks(Protocol):
    """The task token of a waiting execution: a wake-up call, nothing more."""

    def remember(self, review: Review, reminder: int, task_token: str, *, now: datetime) -> None:
        """Keep the newest token of a review."""
        ...

    def wake(self, review: Review) -> None:
        """Wake the execution that waits. Raises: TaskTokenGone or WakeUpFailed."""
        ...

    def answer(self, task_token: str) -> None:
        """Wake the execution with this very token. Raises: TaskTokenGone or WakeUpFailed."""
        ...


class SentMails(Protocol):
    """Which mails went out, so that nobody is mailed twice for one reminder."""

    def claim(self, review: str, reviewer: str, reminder: int) -> bool:
        """Say whether this mail still has to be sent."""
        ...

    def confirm(self, review: str, reviewer: str, reminder: int) -> None:
        """Note that the mail was handed over."""
        ...


class Mailbox(Protocol):
    """Outgoing mail."""

    def send(self, mail: Mail) -> None:
        """Hand a mail over. Raises: MailThrottled or MailRejected."""
        ...


class Noticeboard(Protocol):
    """News for everybody who wants them."""

    def put_up(self, notice: Notice) -> None:
        """Tell everybody who listens. Raises: NoticeNotSent."""
        ...


class Chat(Protocol):
    """The team's chat."""

    def post(self, notice: Notice) -> None:
        """Post a notice. Raises: ChatUnreachable or ChatMisconfigured."""
        ...


class Audit(Protocol):
    """Who did what and when; nobody changes it, so it holds no address and no text.

    A person is a pseudonym, which the review resolves; a text is its sha256.
    """

    def add(self, generation: str, event: str, facts: dict[str, Any], *, now: datetime) -> None:
        """Keep one entry; the same entry again changes nothing."""
        ...

    def entries(self, generation: str) -> tuple[dict[str, Any], ...]:
        """Give the entries of a generation in order of time."""
        ...


class Assignments(Protocol):
    """What was approved."""

    def publish(self, generation: str, assignments: tuple[Assignment, ...]) -> None:
        """Keep all assignments or none; again is a replay. Raises: PublicationConflict."""
        ...

    def of_module(self, course: str, module: str) -> tuple[Assignment, ...]:
        """Give what was published for a module before."""
        ...

    def find(self, assignment: str) -> Assignment | None:
        """Give the assignment of an id, or None."""
        ...

    def save_bundle(self, publication: str, assignments: Iterable[Assignment]) -> ObjectPlace:
        """Put the whole publication where the course platform can fetch it."""
        ...


class Exports(Protocol):
    """Exports, kept for a while."""

    def keep(self, name: str, content: bytes, media_type: str) -> str:
        """Keep a file and give a link to it that soon expires."""
        ...


class Exporter(Protocol):
    """Whoever exports for the desk, so that the desk reads no assignment itself."""

    def export(self, generation: str, form: Format) -> Exported:
        """Export what was approved of a generation. Raises: ExportImpossible."""
        ...


class KnownModels(Protocol):
    """The registry of models, as far as steps without agents need it."""

    def get(self, model: str) -> object:
        """Give a model's entry. Raises: ModelNotUsable or ModelDisabled."""
        ...

    def price(self, model: str) -> Price:
        """Give a model's price; an unknown model has an unknown price."""
        ...


class StoppedRuns(Protocol):
    """Runs that failed, timed out or were aborted."""

    def cause(self, execution: str) -> tuple[str, str]:
        """Give the name of a run's error and its sentence."""
        ...


class Operators(Protocol):
    """The people who keep the workflow running."""

    def tell(self, subject: str, text: str) -> None:
        """Send them a message."""
        ...


class Sandbox(Protocol):
    """Runs code that nobody trusts."""

    def check(self, request: dict[str, Any]) -> dict[str, Any]:
        """Give the evidence of DESIGN §7 for a `check_code` request."""
        ...


class LinkKeys(Protocol):
    """Keys that sign links, newest last."""

    def keys(self) -> list[str]:
        """Give the keys; a link signed with any of them is ours."""
        ...


class ModelKeys(Protocol):
    """Keys to the providers."""

    def get(self, name: str) -> str:
        """Give a key, or an empty text where none is set."""
        ...


class ModelCatalogue(Protocol):
    """The models that a course author may choose from."""

    def models(self) -> tuple[ListedModel, ...]:
        """Give all models of the registry, with what keeps some from being called."""
        ...
