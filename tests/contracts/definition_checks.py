"""Checks rules for state machines that asl-validator does not cover."""

import inspect
import json
import re
from collections.abc import Iterator
from typing import Any

import jsonata

from coursewright.domain import errors

Definition = dict[str, Any]
State = dict[str, Any]

# Names that JSONata or Step Functions define; any other `$name` must be assigned.
KNOWN_FUNCTIONS = {"states", "count", "exists", "merge", "number", "parse", "string", "substring"}
AWS_ERRORS = re.compile(r"(States|Lambda|DynamoDB|EventBridge)\.[A-Z]\w+|Sandbox\.Timedout")
OWN_ERRORS = {name for name, _ in inspect.getmembers(errors, inspect.isclass)}
WITH_RESULT = {"Task", "Map", "Parallel"}


def machines(definition: Definition, path: str = "") -> Iterator[tuple[str, Definition]]:
    """Yield a machine and those nested in its Maps and Parallels, each with its path."""
    yield path, definition
    for name, state in definition["States"].items():
        inner = [state["ItemProcessor"]] if "ItemProcessor" in state else state.get("Branches", [])
        for machine in inner:
            yield from machines(machine, f"{path}{name}/")


def states(definition: Definition) -> Iterator[tuple[str, State]]:
    """Yield every state with its path."""
    for path, machine in machines(definition):
        for name, state in machine["States"].items():
            yield f"{path}{name}", state


def blocks(state: State) -> list[State]:
    """Return the parts of a state that can assign variables: it, its catchers and choices."""
    return [state, *state.get("Catch", []), *state.get("Choices", [])]


def own_part(state: State) -> State:
    """Return a state without nested machines."""
    return {key: value for key, value in state.items() if key not in ("ItemProcessor", "Branches")}


def expressions(value: Any) -> Iterator[str]:
    """Yield the JSONata expressions in part of a definition."""
    if isinstance(value, str) and value.startswith("{%"):
        yield value.removeprefix("{%").removesuffix("%}").strip()
    elif isinstance(value, dict):
        for inner in value.values():
            yield from expressions(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from expressions(inner)


def variables(value: Any) -> set[str]:
    """Return the variables that part of a definition reads."""
    found: set[str] = set()
    for expression in expressions(value):
        plain = re.sub(r"'[^']*'", "", expression)
        found |= set(re.findall(r"\$([A-Za-z_]\w*)", plain)) - KNOWN_FUNCTIONS
    return found


def assigned(machine: Definition) -> set[str]:
    """Return the variables that a machine's own states assign."""
    return {
        name
        for state in machine["States"].values()
        for block in blocks(state)
        for name in block.get("Assign") or {}
    }


def is_distributed(state: State) -> bool:
    """Return whether a Map starts child executions, which cannot see its variables."""
    config: State = state.get("ItemProcessor", {}).get("ProcessorConfig", {})
    return bool(config.get("Mode") == "DISTRIBUTED")


def problems(definition: Definition) -> list[str]:
    """Return all problems in a definition whose substitutions are filled in."""
    return [
        *left_substitutions(definition),
        *scope_problems(definition, frozenset()),
        *(
            f"{path}: {problem}"
            for path, state in states(definition)
            for problem in _check_state(state)
        ),
        *(
            f"{path}{name}: a Catch leads to a Fail state"
            for path, machine in machines(definition)
            for name, state in machine["States"].items()
            for catcher in state.get("Catch", [])
            if machine["States"][catcher["Next"]]["Type"] == "Fail"
        ),
    ]


def left_substitutions(definition: Definition) -> list[str]:
    """Find placeholders that no deployment substitutes."""
    placeholders = set(re.findall(r"\$\{\w+\}", json.dumps(definition)))
    return [f"{placeholder} is not substituted" for placeholder in sorted(placeholders)]


def scope_problems(machine: Definition, outer: frozenset[str], path: str = "") -> Iterator[str]:
    """Find variables that are never assigned, and inner assignments to outer variables."""
    own = assigned(machine)
    for name in sorted(own & outer):
        yield f"{path}: assigns ${name} of the machine around it"
    visible = frozenset(outer | own)
    for name, state in machine["States"].items():
        for variable in sorted(variables(own_part(state)) - visible):
            yield f"{path}{name}: nobody assigns ${variable}"
        inner = [state["ItemProcessor"]] if "ItemProcessor" in state else state.get("Branches", [])
        seen_inside = frozenset() if is_distributed(state) else visible
        for processor in inner:
            yield from scope_problems(processor, seen_inside, f"{path}{name}/")


def _check_state(state: State) -> Iterator[str]:
    yield from _check_comment(state)
    yield from _check_expressions(state)
    yield from _check_references(state)
    yield from _check_output(state)
    yield from _check_error_names(state)
    if is_distributed(state):
        yield from _check_distributed_map(state)
    if state["Type"] == "Task":
        yield from _check_task(state)
    elif "Retry" in state:
        yield "only a Task retries"


def _check_comment(state: State) -> Iterator[str]:
    if not state.get("Comment"):
        yield "no Comment"
    if state["Type"] == "Choice" and "Default" not in state:
        yield "a Choice without Default"


def _check_expressions(state: State) -> Iterator[str]:
    for expression in expressions(own_part(state)):
        try:
            jsonata.Jsonata(expression)
        except jsonata.JException as error:
            yield f"{expression!r} is no JSONata: {error}"


def _check_references(state: State) -> Iterator[str]:
    """Find references to a result or error that does not exist at that point."""
    before = {key: state[key] for key in ("Arguments", "TimeoutSeconds") if key in state}
    outside_catch = {key: value for key, value in own_part(state).items() if key != "Catch"}
    has_result = state["Type"] in WITH_RESULT
    for expression in expressions(before if has_result else outside_catch):
        if "$states.result" in expression:
            yield "reads $states.result where there is none"
    for expression in expressions(outside_catch):
        if "$states.errorOutput" in expression:
            yield "reads $states.errorOutput outside of a Catch"


def _check_output(state: State) -> Iterator[str]:
    """Find Outputs that read a variable assigned by the same state; interpreters differ here."""
    for block in blocks(state):
        for name in sorted(variables(block.get("Output")) & set(block.get("Assign") or {})):
            yield f"Output reads ${name}, which the same state assigns"


def _check_error_names(state: State) -> Iterator[str]:
    for rule in [*state.get("Retry", []), *state.get("Catch", [])]:
        for name in rule["ErrorEquals"]:
            if name == "States.ALL":
                yield "States.ALL hides what went wrong"
            elif name not in OWN_ERRORS and not AWS_ERRORS.fullmatch(name):
                yield f"{name} is neither ours nor AWS's"


def _check_distributed_map(state: State) -> Iterator[str]:
    """Find Distributed Maps without a concurrency limit, tolerance, result writer or label."""
    for field in ("MaxConcurrency", "ToleratedFailurePercentage", "ResultWriter", "Label"):
        if field not in state:
            yield f"a Distributed Map without {field}"


def _check_task(state: State) -> Iterator[str]:
    if "TimeoutSeconds" not in state:
        yield "a Task without TimeoutSeconds"
    if not state.get("Retry"):
        yield "a Task without Retry"
    for rule in state.get("Retry", []):
        if rule.get("JitterStrategy") != "FULL":
            yield "a Retry without jitter"
    waits = state["Resource"].endswith(".waitForTaskToken")
    if waits and "$states.context.Task.Token" not in set(expressions(state["Arguments"])):
        yield "waits for a task token that it hands to nobody"
