"""The largest generation that is allowed: 100 drafts, each answer as long as a model may write."""

import json
from copy import deepcopy
from typing import Any

from local.practice.server import PracticeServer
from tests.benchmarks.recorder import Recorder
from tests.fakes.formats import Said, rendered

MODELS, TASKS = 5, 20
ANSWER = 64_000 * 4  # characters of the most tokens that the registry lets a model write
LESSON = 150_000  # characters; what an event brings itself ends at 256 KB
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
    """A model that fills each answer up to what its tokens and the schemas allow."""

    def complete(self, body: object) -> dict[str, object]:
        """Answer with the tool that is offered."""
        assert isinstance(body, dict)
        tool = body["tools"][0]["function"]["name"] if body.get("tools") else ""
        said = Said(((tool, _arguments(tool)),)) if tool else Said(content=HINT)
        answer: dict[str, object] = json.loads(rendered("/chat/completions", said).body)
        return answer


def play_largest(workflow: Any, recorder: Recorder) -> list[str]:
    """Run every function of the workflow by hand: an interpreter would add hours, and no memory."""
    from coursewright import wiring
    from tests.workflow import moto_engine

    run = moto_engine.run_function
    recorder.answers["check_code"] = EVIDENCE
    workflow._put_models(lambda text: text + _registered(workflow.practice.url))
    moto_engine.interceptors["build_prompts"] = _stop
    event = _event(workflow.event())
    generation = workflow.publish(event)["generation"]
    workflow.wait()  # it has claimed the generation
    moto_engine.interceptors.clear()
    round_one = {"generation": generation, "round": 1}
    lesson = wiring.generations().get(generation).request.lesson.model_dump(mode="json")
    run("build_prompts", {"generation": generation, "lesson": lesson})
    run("reserve_budget", round_one)
    models = [_written_by(model, round_one) for model in event["detail"]["brief"]["models"]]
    run("compare_models", round_one | {"models": models})
    reviewed = round_one | {"review": run("open_review", round_one)["review"]}
    run("request_review", reviewed | {"reminder": 0, "task_token": "a-token"})
    reviewer = workflow.reviewer()
    form = reviewer.open()
    reviewer.decide(form, "approved", approve=form.publishable, notes="Well done. " * 900)
    run("publish_assignments", reviewed)
    run("close_generation", round_one | {"status": "published"})
    run("export_assignments", {"names": [generation], "format": "moodle"})
    return []


def _written_by(model: str, round_one: dict[str, Any]) -> dict[str, Any]:
    from tests.workflow import moto_engine

    run, task = moto_engine.run_function, round_one | {"model": model}
    written = run("write_conditions", task | {"notes": None})
    for draft in written["drafts"]:
        part = task | {"draft": draft, "attempt": 0}
        for function in ("write_tests", "write_solution", "verify_draft", "write_hint"):
            run(function, part)
    return {"model": model, "outcome": "written", "verified": len(written["drafts"])}


def _stop(event: dict[str, Any]) -> None:
    raise MemoryError("the rest is run by hand")


def _event(event: dict[str, Any]) -> dict[str, Any]:
    """Ask for all that one execution may hold."""
    wanted = deepcopy(event)
    wanted["detail"]["module"]["html"] = _text(LESSON)
    wanted["detail"]["brief"] |= {
        "tasks_count": TASKS,
        "models": [f"openai:largest-{number}" for number in range(MODELS)],
        "hints": True,
    }
    return wanted


def _registered(url: str) -> str:
    """Write the registry entries of the authors."""
    return "".join(REGISTERED.format(number=number, url=url) for number in range(MODELS))


def _arguments(tool: str) -> dict[str, Any]:
    if tool == "save_assignments":
        return {"assignments": [_assignment(number) for number in range(TASKS)]}
    if tool == "save_tests":
        checked = {"test": "test_one", "quote": _text(900)}
        return {"tests": _code(100_000), "promises": [checked] * ((ANSWER - 100_000) // 1_000)}
    if tool == "save_hint":
        return {"hint": HINT}
    return {"code": _code(50_000), "explanation": "It adds. " * 2_000}


def _assignment(number: int) -> dict[str, Any]:
    each = ANSWER // TASKS
    return {
        "name": f"Assignment {number}",
        "text": f"<p>{_text(each * 2 // 3)}</p>",
        "code": _code(each // 4),
        "difficulty": 1 + number * 5 // TASKS,
        "concepts": ["loops", "variables"],
    }


def _text(length: int) -> str:
    sentences = (f"Loop {number} visits every element once. " for number in range(length // 30))
    return "".join(sentences)[:length].strip()


def _code(length: int) -> str:
    head = "import unittest\n\n\nclass Sums(unittest.TestCase):\n"
    return head + "    def test_one(self):\n        pass\n\n" * ((length - len(head)) // 43)
