"""One generation from the event to the published assignments, told as it happens."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local.console import Teller
from local.execution_events import Ending, Passage, ending, passages
from local.mailbox import Mail
from local.reviewer import Form, Reviewer, over_http
from local.stack import Laptop, wait_until

SECONDS_TO_START = 60
SECONDS_TO_ARRIVE = 30
ERRORS = {"refused": "ModelRefused", "disabled": "ModelDisabled"}


class StoryBroken(RuntimeError):
    """The story did not go as told; the message says where and why."""


@dataclass(frozen=True)
class Chapter:
    """A generation that has been started."""

    execution: str
    generation: str


def publish(laptop: Laptop, event: Mapping[str, Any], teller: Teller) -> Chapter:
    """Put the event on the bus and wait for its execution.

    Raises: StoryBroken with the dead letter's sentence if the event is refused.
    """
    detail = event["detail"]
    known = {one["executionArn"] for one in laptop.executions()}
    teller.say(f"Event  {event.get('source')} / {event.get('detail-type')}: {title(detail)}")
    laptop.publish(event)

    def arrived() -> str | None:
        for one in laptop.executions():
            if one["executionArn"] not in known:
                arn: str = one["executionArn"]
                return arn
        for letter in laptop.dead_letters():
            raise StoryBroken(_dead_letter(letter))
        return None

    execution = wait_until(arrived, seconds=SECONDS_TO_START)
    if execution is None:
        raise StoryBroken(f"no execution started within {SECONDS_TO_START} s")
    teller.say(f"Execution  {execution.rsplit(':', 1)[-1]}")
    return Chapter(execution, execution.rsplit("-", 1)[-1])


def follow(
    laptop: Laptop, chapter: Chapter, teller: Teller, *, seen: int = 0, mails_before: int
) -> Mail | Ending:
    """Tell the states until a mail asks for a review or the execution ends."""
    for passage in passages(laptop, chapter.execution, seen=seen):
        if isinstance(passage, Passage):
            teller.passage(passage)
        else:
            mails = laptop.mails()
            if len(mails) > mails_before:
                return mails[mails_before]
    return ending(laptop, chapter.execution)


def review(
    laptop: Laptop, chapter: Chapter, mail: Mail, teller: Teller, *, reject: bool = False
) -> None:
    """Do what a reviewer does with the mail: open, read, enter the code, decide."""
    teller.mail(mail)
    reviewer = Reviewer(mail.text, over_http(laptop.site_url), laptop.site_url)
    path = reviewer.open_link()
    form = reviewer.read_page(path)
    teller.say(f"Reviewer  opens {path}: {len(form.publishable)} drafts can be published")
    teller.league(league(laptop, chapter))
    if reject:
        reviewer.decide(form, "rejected", notes="These do not fit the lesson.")
        teller.say("Reviewer  enters the code and rejects all", "yellow")
        return
    chosen = best_of_each_task(laptop, chapter, form)
    reviewer.decide(form, "approved", approve=chosen)
    teller.say(f"Reviewer  enters the code and approves {len(chosen)} drafts", "green")


def best_of_each_task(laptop: Laptop, chapter: Chapter, form: Form) -> tuple[str, ...]:
    """Choose, for each task, the draft of the model that stands highest in the league."""
    places = {row["model"]: place for place, row in enumerate(league(laptop, chapter))}
    best: dict[str, str] = {}
    for draft in sorted(form.publishable, key=lambda one: places.get(one.split("/r")[0], 99)):
        best.setdefault(draft.rsplit("/", 1)[-1], draft)
    return tuple(best[task] for task in sorted(best))


def receive(laptop: Laptop, teller: Teller) -> dict[str, Any]:
    """Wait for `Assignments Published` as the course platform does."""
    received = wait_until(laptop.received_publications, seconds=SECONDS_TO_ARRIVE)
    if not received:
        raise StoryBroken("Assignments Published did not arrive")
    publication: dict[str, Any] = received[0]["detail"]
    teller.say("Course platform  received Assignments Published", "green")
    teller.assignments(publication)
    return publication


def finish(
    laptop: Laptop, chapter: Chapter, teller: Teller, *, seen: int, mails_before: int
) -> Ending:
    """Follow the execution to its end."""
    end = follow(laptop, chapter, teller, seen=seen, mails_before=mails_before)
    if isinstance(end, Mail):
        raise StoryBroken("a second review was asked for")
    require_success(end)
    return end


def require_success(end: Ending) -> None:
    """Break the story off where the execution failed or no draft could be reviewed."""
    if end.status != "SUCCEEDED":
        raise StoryBroken(f"the execution is {end.status} at {words(end)}")
    if end.output.get("status") == "nothing_to_review":
        reasons = [f"{one['model']}: {_why(one)}" for one in end.output.get("outcomes", [])]
        raise StoryBroken("no draft could be put before a reviewer. " + "; ".join(reasons))


def words(end: Ending) -> str:
    """Say in which state an execution failed, with the error's name and message."""
    return f"“{end.state}”: {end.error}: {end.message}"


def league(laptop: Laptop, chapter: Chapter, round_number: int = 1) -> list[dict[str, Any]]:
    """Return the league of a round, best model first."""
    key = {"PK": {"S": f"GENERATION#{chapter.generation}"}, "SK": {"S": f"LEAGUE#{round_number}"}}
    table = laptop.outputs["TableName"]
    item = laptop.client("dynamodb").get_item(TableName=table, Key=key).get("Item")
    rows: list[dict[str, Any]] = json.loads(item["body"]["S"]) if item else []
    return rows


def title(detail: Any) -> str:
    """Return the titles of course and module, as far as an event has them."""
    if not isinstance(detail, Mapping):
        return "?"
    course, module = detail.get("course", {}), detail.get("module", {})
    titles = [part.get("title", "?") for part in (course, module) if isinstance(part, Mapping)]
    return " / ".join(map(str, titles))


def _why(outcome: dict[str, Any]) -> str:
    if outcome["outcome"] == "written":
        return f"{outcome.get('verified', 0)} drafts verified {outcome.get('reason', '')}".strip()
    return f"{ERRORS.get(outcome['outcome'], outcome['outcome'])}: {outcome.get('reason', '')}"


def _dead_letter(letter: dict[str, Any]) -> str:
    payload = letter.get("responsePayload") or {}
    name, message = payload.get("errorType", "unknown error"), payload.get("errorMessage", letter)
    return f"the event went to the dead-letter queue: {name}: {message}"
