"""Runs the largest generation allowed: 100 drafts with answers of maximum length."""

import json
from collections.abc import Callable
from copy import deepcopy
from functools import cache
from itertools import product
from random import Random
from typing import Any

from local.practice.server import PracticeServer
from tests.benchmarks.layers import ROOT
from tests.benchmarks.recorder import Recorder
from tests.fakes.formats import ModelAnswer, render_reply

MODELS, TASKS = 5, 20
ANSWER = 64_000 * 4  # characters of the longest answer that the registry allows
LESSON = 150_000  # characters; an event itself is limited to 256 KB
REGISTERED = """
[[models]]
id = "openai:largest-{number}"
label = "Fills everything"
group = "Benchmarks"
provider = "openai"
name = "largest-{number}"
tool_calling = true
base_url = "{url}"
max_output_tokens = 64000
price_input = 0.1
price_output = 0.1
"""
HINT = "Think of the end. " * 20
NOTES = "Easier, please. " * 600
QUOTE = 1_000
TEST = 700  # characters per test
VOCABULARY = ["".join(parts) for parts in product(("lo", "ma", "sti", "re", "ku"), repeat=3)]
EVIDENCE: dict[str, Any] = {
    "verdict": "verified",
    "reasons": [],
    "solution_passes": True,
    "starter_fails": True,
    "tests_run": 150,
    "mutants": {"total": 24, "killed": 24, "survivors": []},
    "repeatable": True,
    "duration_ms": 1,
}


class LargestAuthor(PracticeServer):
    """A model whose answers have the maximum length that tokens and schemas allow."""

    def complete(self, body: object) -> dict[str, object]:
        """Answer by calling the offered tool, or with a hint if there is none."""
        assert isinstance(body, dict)
        tool = body["tools"][0]["function"]["name"] if body.get("tools") else ""
        model_answer = (
            ModelAnswer(((tool, _arguments(tool)),)) if tool else ModelAnswer(content=HINT)
        )
        answer: dict[str, object] = json.loads(render_reply("/chat/completions", model_answer).body)
        return answer


def play_largest(workflow: Any, recorder: Recorder) -> list[str]:
    """Call the functions directly: an interpreter would add hours but no memory."""
    from tests.benchmarks.visits import browser, erase_everything
    from tests.workflow import moto_engine

    run = moto_engine.run_function
    recorder.answers["check_code"] = EVIDENCE
    workflow._put_models(lambda text: text + _registered(workflow.practice.url))
    event = _event(workflow.event())
    generation = _begun(workflow, event)
    round_one, round_two = ({"generation": generation, "round": number} for number in (1, 2))
    models = [_written_by(model, round_one) for model in event["detail"]["brief"]["models"]]
    reviewed = _mailed(round_one, models)
    _visited(browser(workflow))
    _write_again(generation)
    _prepared(round_two, reviewed["review"])
    reviewed = _mailed(round_two, models)
    reviewer = browser(workflow, mails=len(workflow.mails()))
    form = reviewer.open()
    recorder.beside = ", refused"
    reviewer.mistype(form, notes=NOTES)
    recorder.beside = ""
    reviewer.decide(form, "approved", approve=form.publishable, notes=NOTES)
    run("publish_assignments", reviewed)
    run("close_generation", round_two | {"status": "published"})
    run("show_authoring", _deps(generation))
    run("export_assignments", {"names": [generation], "format": "moodle"})
    erase_everything(event)
    return []


def _begun(workflow: Any, event: dict[str, Any]) -> str:
    """Claim a generation, stop its execution, and run the first functions directly."""
    from tests.workflow import moto_engine

    moto_engine.interceptors["build_prompts"] = _stop
    generation: str = workflow.publish(event)["generation"]
    workflow.wait()
    moto_engine.interceptors.clear()
    _prepared({"generation": generation, "round": 1}, None)
    return generation


def _prepared(task: dict[str, Any], notes: str | None) -> None:
    """Build the prompts of a round and reserve its budget."""
    from tests.workflow import moto_engine

    built = moto_engine.run_function("build_prompts", task | {"notes": notes})
    moto_engine.run_function("reserve_budget", task | {"prompts": built["prompts"]})


def _written_by(model: str, round_one: dict[str, Any]) -> dict[str, Any]:
    from tests.workflow import moto_engine

    run, task = moto_engine.run_function, round_one | {"model": model}
    written = run("write_conditions", task | {"notes": None})
    for draft in written["drafts"]:
        part = task | {"draft": draft, "attempt": 0}
        for function in ("write_tests", "write_solution", "verify_draft", "write_hint"):
            run(function, part)
    other = f"openai:largest-{(int(model[-1]) + 1) % MODELS}"
    run("solve_draft", task | {"model": other, "draft": written["drafts"][0]})
    solved = {"draft": written["drafts"][0], "solver": other}
    run("cross_check_draft", solved | {"generation": task["generation"]})
    return {"model": model, "outcome": "written", "verified": len(written["drafts"])}


def _mailed(task: dict[str, Any], models: list[dict[str, Any]]) -> dict[str, Any]:
    """Compare the models, open the review and send the emails."""
    from tests.workflow import moto_engine

    run = moto_engine.run_function
    run("compare_models", task | {"models": models})
    reviewed = task | {"review": run("open_review", task)["review"]}
    run("request_review", reviewed | {"reminder": 0, "task_token": "a-token"})
    return reviewed


def _visited(reviewer: Any) -> None:
    """Open pages, edit, invite a colleague, and finally request changes to all drafts."""
    form = reviewer.open()
    reviewer.edit(form, 1, tests=_code("edit", 100_000), text=_text("edit", 20_000))
    form = reviewer.open()
    reviewer.invite(form)
    reviewer.decide(form, "changes_requested", notes=NOTES)


def _write_again(generation: str) -> None:
    """Add a second round in which half of every part differs from the first."""
    from coursewright import wiring

    drafts, verifications = wiring.drafts(), wiring.verifications()
    for written in drafts.of_round(generation, 1):
        name = {"draft": written.draft.replace("/r1/", "/r2/"), "round": 2}
        update = name | {
            "text": _half_new(written.text, _text),
            "code": _half_new(written.code, _code),
        }
        drafts.save_drafts((written.model_copy(update=update),))
    for tests in drafts.tests_of_round(generation, 1):
        name = {"draft": tests.draft.replace("/r1/", "/r2/")}
        update = name | {"tests": _half_new(tests.tests, _code)}
        drafts.save_tests(generation, tests.model_copy(update=update))
    for solution in drafts.solutions_of_round(generation, 1):
        name = {"draft": solution.draft.replace("/r1/", "/r2/")}
        update = name | {"code": _half_new(solution.code, _code)}
        drafts.save_solution(generation, solution.model_copy(update=update))
    for found in verifications.of_round(generation, 1):
        name = {"draft": found.draft.replace("/r1/", "/r2/")}
        verifications.save(generation, found.model_copy(update=name))


def _deps(generation: str) -> dict[str, Any]:
    sample = (ROOT / "events" / "show_authoring" / "generation.json").read_text("utf-8")
    event: dict[str, Any] = json.loads(sample.replace("3f9c1b7a2d4e5f60", generation))
    return event


def _half_new(text: str, write: Callable[[str, int], str]) -> str:
    """Replace every second line, or the second half of a single-line text."""
    lines = text.split("\n")
    if len(lines) == 1:
        return text[: len(text) // 2] + write("again", len(text) // 2)
    others = write("again", len(text)).split("\n")
    pairs = enumerate(zip(lines, others, strict=False))
    return "\n".join(pair[at % 2] for at, pair in pairs)


def _stop(event: dict[str, Any]) -> None:
    raise MemoryError("the rest is run by hand")


def _event(event: dict[str, Any]) -> dict[str, Any]:
    """Return an event with every option at its maximum."""
    wanted = deepcopy(event)
    wanted["detail"]["module"]["html"] = _text("lesson", LESSON)
    wanted["detail"]["brief"] |= {
        "tasks_count": TASKS,
        "models": [f"openai:largest-{number}" for number in range(MODELS)],
        "hints": True,
    }
    return wanted


def _registered(url: str) -> str:
    """Return the models' registry entries."""
    return "".join(REGISTERED.format(number=number, url=url) for number in range(MODELS))


def _arguments(tool: str) -> dict[str, Any]:
    if tool == "save_assignments":
        return {"assignments": [_assignment(number) for number in range(TASKS)]}
    if tool == "save_tests":
        starts = range(0, ANSWER - 100_000, QUOTE)
        quotes = [_QUOTED[at % 3_000 : at % 3_000 + QUOTE - 100].strip() for at in starts]
        checked = [{"test": f"test_{n}", "quote": quote} for n, quote in enumerate(quotes)]
        return {"tests": _code("tests", 100_000), "requirements": checked}
    if tool == "save_hint":
        return {"hint": HINT}
    return {"code": _code("solution", 50_000), "explanation": _text("explanation", 18_000)}


def _assignment(number: int) -> dict[str, Any]:
    each = ANSWER // TASKS
    return {
        "name": f"Assignment {number}",
        "text": f"<p>{_QUOTED}</p><p>{_text(f'text {number}', each * 2 // 3 - len(_QUOTED))}</p>",
        "code": _code(f"code {number}", each // 4),
        "difficulty": 1 + number * 5 // TASKS,
        "concepts": ["loops", "variables"],
    }


@cache
def _text(about: str, length: int) -> str:
    """Return random words, which compress no better than real text."""
    chance = Random(about)
    words = (chance.choice(VOCABULARY) for _ in range(length // 3))
    return " ".join(words)[:length].strip()


@cache
def _code(about: str, length: int) -> str:
    """Return tests that check nothing and consist of random words."""
    chance = Random(about)
    module = ["import unittest", "", "", "class Sums(unittest.TestCase):"]
    for number in range(length // TEST):
        words = ["_".join(chance.choices(VOCABULARY, k=8)) for _ in range(TEST // 100)]
        lines = (f"        self.{word} = {chance.random()}" for word in words)
        module += [f"    def test_{number}(self):", *lines, ""]
    return "\n".join(module)


_QUOTED = _text("quoted", 4_000)
