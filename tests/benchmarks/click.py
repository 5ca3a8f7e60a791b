"""Response times of a reviewer's clicks, one at a time, over HTTP on the laptop cloud."""

import re
import time
from collections.abc import Callable
from functools import partial
from html import unescape
from statistics import median
from urllib.parse import urlencode

import tests.conftest  # noqa: F401 – sets the dummy credentials before anything reads them
from local import demo
from local.reviewer import Reviewer, http_transport
from local.running_stack import RunningStack, running_stack
from local.stack import wait_until
from tests.benchmarks.report import Figure, Report, percentile, several

GOAL_MS = 150
CLICKS = 40
DECISIONS = 5  # each needs a separate review
MODELS = ["openai:practice-quick", "openai:practice-careful", "openai:practice-sloppy"]
FORM = {"content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin"}


def run() -> Report:
    """Time clicks on a page with 15 drafts, and decisions on smaller pages."""
    with running_stack(latency_factor=0) as cloud:
        reviewer = asked(cloud, "fifteen drafts", tasks_count=5, models=MODELS)
        milliseconds = clicks(reviewer)
        milliseconds["send a decision"] = decisions(cloud)
    return Report(part="click", figures=[_figure(*figure) for figure in milliseconds.items()])


def clicks(reviewer: Reviewer) -> dict[str, list[float]]:
    """Time each kind of click that leaves the review open."""
    path = reviewer.open_link()
    form = reviewer.read_page(path)
    first = form.publishable[0]
    marked = {**form.hidden, "approve": first, "confirm": first}
    return {
        "open the mailed link": timed(reviewer.open_link),
        "open the page": timed(lambda: reviewer.send("GET", path)),
        "list all with full marks": timed(
            lambda: post(reviewer, f"{path}/choices", marked | {"bulk_action": "all_checks_passed"})
        ),
        "open a draft to edit": timed(lambda: reviewer.send("GET", f"{path}/drafts/1")),
        "save an edit": edits(reviewer, f"{path}/drafts/1"),
        "read the audit": timed(lambda: reviewer.send("GET", f"{path}/audit")),
    }


def edits(reviewer: Reviewer, path: str) -> list[float]:
    """Time edits, each after the previous one has been verified."""
    found = []
    for number in range(DECISIONS):
        page = wait_until(lambda: settled(reviewer, path), seconds=60) or ""
        fields = {name: hidden(page, name) for name in ("csrf", "seen")}
        form = fields | {"code": reviewer.code, "name": f"Version {number}"}
        found += timed(partial(post, reviewer, path, form), times=1)
    return found


def decisions(cloud: RunningStack) -> list[float]:
    """Time decisions, each on a separate review."""
    found = []
    for number in range(DECISIONS):
        reviewer = asked(cloud, f"decision {number}", tasks_count=1, models=MODELS[:1])
        form = reviewer.read_page(reviewer.open_link())
        send = partial(reviewer.decide, form, "approved", approve=form.publishable)
        found += timed(send, times=1)
    return found


def timed(act: Callable[[], object], times: int = CLICKS) -> list[float]:
    """Return the durations of several clicks in milliseconds."""
    found = []
    for _ in range(times):
        started = time.perf_counter()
        act()
        found.append((time.perf_counter() - started) * 1000)
    return found


def asked(cloud: RunningStack, name: str, **brief: object) -> Reviewer:
    """Start a generation and return the reviewer who receives its email."""
    event = demo.sample_event("python_loops.json")
    event["detail"]["module"] |= {"title": name}
    event["detail"]["brief"] |= brief
    cloud.stack.publish(event | {"detail": event["detail"] | {"request_id": name}})
    stack = cloud.stack
    mails = wait_until(
        lambda: [email for email in stack.mails() if name in email.text], seconds=300
    )
    if not mails:
        raise TimeoutError(f"no mail about {name}")
    return Reviewer(mails[0].text, http_transport(stack.site_url), stack.site_url)


def post(reviewer: Reviewer, path: str, form: dict[str, str]) -> None:
    """Submit a form like a browser."""
    reviewer.send("POST", path, FORM | {"origin": reviewer.origin}, urlencode(form))


def settled(reviewer: Reviewer, path: str) -> str:
    """Return a draft's page if its form can be submitted, otherwise an empty string."""
    page = unescape(reviewer.send("GET", path).body)
    return page if 'name="seen"' in page else ""


def hidden(page: str, name: str) -> str:
    """Return the value of a form's hidden field."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    return found[1] if found else ""


def _figure(name: str, milliseconds: list[float]) -> Figure:
    middle, high = median(milliseconds), percentile(milliseconds, 95)
    return Figure(
        name=name,
        value=f"{several(milliseconds, 'ms', 0)}, p95 {high:.0f} ms",
        must_be=f"p50 ≤ {GOAL_MS} ms",
        holds=middle <= GOAL_MS,
        ratio=middle / GOAL_MS,
    )
