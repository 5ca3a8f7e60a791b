"""Cold starts: every function's import and first call, compared with a minimal baseline.

Each runs in a separate interpreter that sees only the built layers; responses from AWS and the
models are replayed without delay. CPU time is compared, because other work on the machine affects
it least and a starting Lambda function has at most one processor.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from statistics import median
from typing import NamedTuple

from tests.benchmarks import fresh, layers
from tests.benchmarks.breakdown import breakdown
from tests.benchmarks.fresh import Fresh, Job
from tests.benchmarks.recorded_run import recorded
from tests.benchmarks.replay import Replay
from tests.benchmarks.report import Figure, Report, several

RUNS = 5
PLAIN, AGENT = 2.0, 1.1  # multiple of the baseline
CLIENTS = {
    "openai": "langchain_openai",
    "bedrock": "langchain_aws",
    "anthropic": "langchain_anthropic",
    "google": "langchain_google_genai",
}
WHY_PLAIN = (
    "(pydantic's own import and the first requests; tried: AWS clients on first use, AWS"
    " descriptions without texts; deferred models, 2 %; pydantic without plugins, nothing)"
)
WHY_PAGE = "(a page needs Jinja, nh3 and Pygments: its templates are compiled with the layer)"
WHY_AGENT = (
    "(the AWS SDK, its clients and requests, the agent's graph and the model's answer: the bare"
    " one only imports{sdk}; tried: clients on first use, AWS descriptions without texts,"
    " generated types on first use)"
)
WHY_SDK = ", and a DynamoDB client with its first request alone is {share:.2f} × that"
WHY_ITSELF = {
    "check_code": "(a sandbox starts and runs the draft's tests and mutants: the check itself)",
    "erase_course": "(one call of it asks AWS more than a hundred times: it reads all records)",
}
IMPORTED = ", import alone"
EXPLAINED = ("start_generation", "show_review", "check_code", "write_solution")


class Measured(NamedTuple):
    """All runs of one job."""

    name: str
    runs: list[Fresh]

    @property
    def computing(self) -> float:
        """The median CPU time in seconds."""
        return median(run.computing for run in self.runs)


def run() -> Report:
    """Measure every function with and without bytecode."""
    with Replay(recorded("typical")) as replay:
        names = [*_bare(), *replay.recording.runs]
        agents = [name for name in replay.recording.runs if baseline(name) != "dynamodb"]
        found: dict[str, list[Fresh]] = defaultdict(list)
        slow: dict[str, list[Fresh]] = defaultdict(list)
        for _ in range(RUNS):  # in turn, so that a busy minute affects all equally
            for name in names:
                found[name].append(_once(replay, name))
            for name in agents:
                found[f"{name}{IMPORTED}"].append(_import(replay, name))
        for _ in range(RUNS):
            for name in names:
                slow[name].append(_once(replay, name, compiling=True))
        explained = {f"{name}: what its import buys": _explained(name) for name in EXPLAINED}
    measured = {name: Measured(name, runs) for name, runs in found.items()}
    return Report(
        part="cold",
        figures=[*_figures(measured), _only_chosen(measured), *_compiling(measured, slow)],
        details=explained,
    )


def job_of(replay: Replay, name: str) -> Job:
    """Return the job for a recorded function or a baseline."""
    if name in _bare():
        return fresh.bare_job(name)
    function, _, provider = name.partition(" on ")
    job = fresh.function_job(function, replay.recording.runs[name].event, replay.environment)
    optional = {"anthropic": ["AnthropicLayer"], "google": ["GoogleLayer"]}.get(provider, [])
    return fresh.with_layers(job, optional)


def baseline(name: str) -> str:
    """Return the name of a function's baseline."""
    function, _, provider = name.removesuffix(IMPORTED).partition(" on ")
    takes_models = "LlmLayer" in layers.layers_of(function) and function != "list_models"
    return f"{provider or 'openai'}_agent" if takes_models else "dynamodb"


def _bare() -> list[str]:
    return ["dynamodb", *(f"{provider}_agent" for provider in CLIENTS)]


def _once(replay: Replay, name: str, *, compiling: bool = False) -> Fresh:
    if name in replay.recording.runs:
        replay.begin(replay.recording.runs[name])
    job = job_of(replay, name)
    done = fresh.run(fresh.without_byte_code(job) if compiling else job)
    if done.problem or replay.surprises:
        raise RuntimeError(f"{name}: {done.problem} {replay.surprises}")
    return done


def _import(replay: Replay, name: str) -> Fresh:
    """Import an agent's function and its provider's client, like the baseline."""
    client = f"coursewright.agents.providers.{name.partition(' on ')[2] or 'openai'}"
    return fresh.run(replace(job_of(replay, name), besides=[client], is_called=False))


def _explained(name: str) -> list[str]:
    return breakdown(fresh.import_job(name))


def _figures(measured: Mapping[str, Measured]) -> list[Figure]:
    bare = [Figure(name=f"bare: {name}", value=_format_cost(measured[name])) for name in _bare()]
    names = sorted(name for name in measured if name not in _bare())
    return [
        *bare,
        *(
            _figure(measured[name], measured[baseline(name)], measured["dynamodb"])
            for name in names
        ),
    ]


def _figure(cost: Measured, bare: Measured, sdk: Measured) -> Figure:
    most = PLAIN if bare.name == "dynamodb" else AGENT
    ratio = cost.computing / bare.computing
    return Figure(
        name=f"{cost.name} ÷ {bare.name}",
        value=f"{ratio:.2f}: {_format_cost(cost)}",
        must_be=f"≤ {most:.1f}",
        holds=ratio <= most,
        ratio=ratio,
        why=_why(cost, bare, sdk),
    )


def _why(cost: Measured, bare: Measured, sdk: Measured) -> str:
    if bare.name != "dynamodb":
        has_sdk = bare.name == "bedrock_agent"  # its client is the AWS SDK's
        share = "" if has_sdk else WHY_SDK.format(share=sdk.computing / bare.computing)
        return WHY_AGENT.format(sdk=share)
    if cost.name in WHY_ITSELF:
        return WHY_ITSELF[cost.name]
    return WHY_PAGE if "jinja2" in cost.runs[0].loaded else WHY_PLAIN


def _format_cost(cost: Measured) -> str:
    imports = median(run.import_computing for run in cost.runs)
    calls = median(run.call_computing for run in cost.runs)
    whole = several([run.computing * 1000 for run in cost.runs], "ms", 0)
    return f"{whole}, import {imports * 1000:.0f}, call {calls * 1000:.0f}"


def _only_chosen(measured: Mapping[str, Measured]) -> Figure:
    """Check that only the chosen provider's package is loaded."""
    agents = [name for name in measured if name not in _bare() and baseline(name) != "dynamodb"]
    wrong = []
    for name in agents:
        provider = name.removesuffix(IMPORTED).partition(" on ")[2]
        loaded = set(CLIENTS.values()) & set(measured[name].runs[0].loaded)
        wrong += [name] if loaded != {CLIENTS[provider or "openai"]} else []
    return Figure(
        name=f"agents (of {len(agents)}) that load a provider other than the chosen one",
        value=", ".join(wrong) or "none",
        must_be="none",
        holds=bool(agents) and not wrong,
    )


def _compiling(fast: Mapping[str, Measured], slow: Mapping[str, list[Fresh]]) -> list[Figure]:
    compiled = [Measured(name, runs) for name, runs in slow.items()]
    return [
        Figure(
            name=f"{module.name} without bytecode ÷ with",
            value=f"{module.computing / fast[module.name].computing:.2f}: {_format_cost(module)}",
        )
        for module in compiled
    ]
