"""Response times of the review and authoring pages under twenty concurrent requests.

The laptop cloud serves both over HTTP. The handlers are also run alone, in this process with cached
AWS answers, to measure their own CPU time without an emulator. Shares refer to CPU time, because it
does not depend on other load.
"""

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from statistics import median
from typing import Any

from botocore.client import BaseClient

import tests.conftest  # noqa: F401 – sets the dummy credentials before anything reads them
from local.reviewer import Reviewer, http_transport
from local.running_stack import RunningStack, running_stack
from local.stack import wait_until
from tests.benchmarks.processes import computing_seconds
from tests.benchmarks.report import Figure, Report, percentile, several

CONCURRENCY = 20
REQUESTS = 200
ALONE = 40
RUNS = 5
Milliseconds = list[float]
Fetch = Callable[[], None]


def run() -> Report:
    """Measure both pages over HTTP, then their handlers alone."""
    with running_stack(latency_factor=0) as cloud:
        pages = _pages(cloud)
        concurrent: dict[str, list[Milliseconds]] = {name: [] for name in pages}
        single: dict[str, Milliseconds] = {name: [] for name in pages}
        for _ in range(RUNS):
            for name, fetch in pages.items():
                concurrent[name].append(_timed(fetch, REQUESTS, CONCURRENCY))
                single[name].append(_computed(fetch))
    return report(concurrent, single, _handlers_alone())


def report(
    concurrent: dict[str, list[Milliseconds]],
    single: dict[str, Milliseconds],
    alone: dict[str, Milliseconds],
) -> Report:
    """Report each page's p50 and p99, and the handler's share of a request's CPU time."""
    figures, ratios = [], {}
    for name, runs in concurrent.items():
        own, whole = median(alone[name]), median(single[name])
        p50, p99 = ([percentile(found, share) for found in runs] for share in (50, 99))
        figures += [
            Figure(
                name=f"{name}, {CONCURRENCY} concurrent over HTTP, {REQUESTS} requests per run",
                value=f"p50 {several(p50, 'ms', 0)}, p99 {several(p99, 'ms', 0)}",
            ),
            Figure(
                name=f"{name}, handler alone",
                value=f"{several(alone[name], 'ms')} of CPU time,"
                f" p99 {percentile(alone[name], 99):.1f} ms",
            ),
            Figure(
                name=f"{name}, our share of a request's CPU time",
                value=f"{own:.0f} of {several(single[name], 'ms', 0)} = {own / whole:.0%}",
                ratio=own / whole,
            ),
        ]
        ratios[f"{name}: handler ÷ request"] = own / whole
    return Report(part="site", figures=figures, ratios=ratios)


def _computed(fetch: Fetch) -> float:
    """Return the CPU time per request in milliseconds, over all processes."""
    fetch()
    before = computing_seconds()
    for _ in range(ALONE):
        fetch()
    return (computing_seconds() - before) / ALONE * 1000


def _pages(cloud: RunningStack) -> dict[str, Fetch]:
    """Open a review; return functions that fetch its page and its authoring page."""
    from local import demo

    event = demo.sample_event("python_loops.json")
    event["detail"]["brief"] |= {"tasks_count": 5, "models": ["openai:practice-quick"]}
    cloud.stack.publish(event)
    (mail,) = wait_until(cloud.stack.mails, seconds=300)
    site, authoring = (
        http_transport(cloud.stack.site_url),
        http_transport(cloud.stack.authoring_url),
    )
    reviewer = Reviewer(mail.text, site, cloud.stack.site_url)
    path = reviewer.open_link()
    reviewer.read_page(path)
    cookies = {"cookie": "; ".join(f"{name}={value}" for name, value in reviewer.cookies.items())}
    generation = cloud.stack.executions()[0]["name"][-16:]

    def fetch(transport: Any, place: str, headers: dict[str, str]) -> None:
        answer = transport("GET", place, headers, "")
        if answer.status != 200:
            raise RuntimeError(f"{place} → {answer.status}")

    return {
        "review page": lambda: fetch(site, path, cookies),
        "authoring": lambda: fetch(authoring, f"/authoring/generations/{generation}", {}),
    }


def _timed(fetch: Fetch, number: int, concurrency: int) -> Milliseconds:
    def timed(_: int) -> float:
        began = time.perf_counter()
        fetch()
        return (time.perf_counter() - began) * 1000

    with ThreadPoolExecutor(concurrency) as pool:
        list(
            pool.map(timed, range(2 * concurrency))
        )  # starts the workers that concurrent requests need
        return list(pool.map(timed, range(number)))


def _handlers_alone() -> dict[str, Milliseconds]:
    from coursewright.settings import settings
    from local.practice.server import PracticeServer
    from tests import aws
    from tests.workflow import moto_engine
    from tests.workflow.conftest import Workflow, api_event

    moto_engine.patch_moto()
    with PracticeServer(latency_factor=0) as practice, aws.storage():
        settings.cache_clear()
        workflow = Workflow(practice)
        started = workflow.publish(workflow.event(tasks_count=5))
        reviewer = workflow.reviewer(seconds=300)
        path = reviewer.open_link()
        cookie = "; ".join(f"{name}={value}" for name, value in reviewer.cookies.items())
        review = api_event("GET", path, {"cookie": cookie}, "")
        authoring = api_event("GET", f"/authoring/generations/{started['generation']}", {}, "")
        authoring |= {
            "routeKey": "GET /authoring/generations/{generation}",
            "pathParameters": {"generation": started["generation"]},
        }
        return {
            "review page": _replayed(lambda: moto_engine.run_function("show_review", review)),
            "authoring": _replayed(lambda: moto_engine.run_function("show_authoring", authoring)),
        }


def _replayed(page: Callable[[], Any]) -> Milliseconds:
    """Time a handler whose AWS calls are served from a cache."""
    with _cached_answers():
        first = page()
        if first["statusCode"] != 200:
            raise RuntimeError(f"the handler answered {first['statusCode']}")
        return [_computing(page) for _ in range(ALONE)]


def _computing(page: Callable[[], Any]) -> float:
    began = time.thread_time()
    page()
    return (time.thread_time() - began) * 1000


@contextmanager
def _cached_answers() -> Iterator[None]:
    """Cache the responses to AWS calls while the block runs."""
    cache: dict[str, Any] = {}
    plain = BaseClient._make_api_call  # type: ignore[attr-defined]

    def call(self: Any, operation: str, given: dict[str, Any]) -> Any:
        key = json.dumps([self.meta.service_model.service_name, operation, given], default=str)
        if key not in cache:
            cache[key] = _readable_again(plain(self, operation, given))
        return cache[key]() if callable(cache[key]) else cache[key]

    BaseClient._make_api_call = call  # type: ignore[attr-defined]
    try:
        yield
    finally:
        BaseClient._make_api_call = plain  # type: ignore[attr-defined]


def _readable_again(answer: dict[str, Any]) -> Any:
    """Return a response whose stream can be read repeatedly."""
    if not hasattr(answer.get("Body"), "read"):
        return answer
    content = answer["Body"].read()

    class Stream:
        def read(self) -> bytes:
            return bytes(content)

    return lambda: answer | {"Body": Stream()}
