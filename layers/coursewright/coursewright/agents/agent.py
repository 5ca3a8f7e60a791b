"""One model call, read as a whole, kept in the ledger, and only then used."""

from collections.abc import Callable

from langchain.agents import create_agent
from langchain.agents.middleware import ModelCallLimitMiddleware
from langsmith.run_helpers import tracing_context

from coursewright.agents.deps import AgentDeps, InvocationContext
from coursewright.agents.explore_mode import ExploreMiddleware, ExploreMode
from coursewright.agents.import_drafts import hand_in
from coursewright.agents.ledger import AgentTask, AnswerContent, TaskLedger
from coursewright.agents.ledger_middleware import LedgerMiddleware, ModelSettingsMiddleware
from coursewright.agents.model_registry import ModelEntry
from coursewright.agents.output_modes import OutputMode, choose_output_mode
from coursewright.agents.prompt_templates import Prompt, prompt_set
from coursewright.agents.providers import prompt_caching
from coursewright.agents.providers.factory import build_chat_model
from coursewright.agents.providers.transport import Transport
from coursewright.agents.toolsets import AgentService
from coursewright.domain.assignment import Authorship
from coursewright.domain.brief import Mode
from coursewright.domain.budget import tokens
from coursewright.domain.errors import BudgetExceeded
from coursewright.domain.model_call import IMPORTED, AnswerKey

SECONDS_TO_SAVE = 10  # what a step needs after the model's answer
MIN_CALL_SECONDS = 5.0
MIN_ANSWER_TOKENS = 1_000  # tokens


def run_agent(
    key: AnswerKey,
    service: AgentService,
    prompt: Callable[[], Prompt],
    deps: AgentDeps,
    invocation: InvocationContext,
) -> None:
    """Save the model's answer, from the ledger if it is there, else by one model call.

    Raises: any ModelError, BudgetExceeded or DraftConflict.
    """
    if key.model == IMPORTED:
        hand_in(key, service, deps)
        return
    found = deps.answers.accepted(key)
    if found is None:
        _ask(AgentTask(key=key, prompt=prompt(), service=service), deps, invocation)
        return
    kept = AnswerContent.model_validate(found.arguments)
    service.save(kept.arguments, kept.authorship)


def _ask(turn: AgentTask, deps: AgentDeps, invocation: InvocationContext) -> None:
    entry = deps.registry.get(turn.key.model)
    key = deps.model_keys.get(entry.key) if entry.key else ""
    wire = Transport(max(MIN_CALL_SECONDS, invocation.seconds_left - SECONDS_TO_SAVE), secret=key)
    brief = deps.generations.get(turn.key.generation).request.brief
    way = _way(turn.service, entry, brief.mode)
    prompt = way.adapted(turn.prompt)
    model = build_chat_model(_within(entry, prompt, deps.max_call_tokens), key, wire=wire)
    authorship = Authorship(prompt_set=prompt_set(), prompt_sha256=deps.prompts.save(prompt.text))
    paid = TaskLedger(turn, authorship, deps, invocation)
    one_answer = (
        ExploreMiddleware(way, paid, wire)
        if isinstance(way, ExploreMode)
        else LedgerMiddleware(way, paid, wire)
    )
    system, task = prompt_caching.messages(prompt, entry)
    agent = create_agent(
        model,
        way.tools(authorship),
        system_prompt=system,
        middleware=[
            ModelCallLimitMiddleware(run_limit=way.max_calls, exit_behavior="error"),
            ModelSettingsMiddleware(prompt_caching.settings(prompt, entry)),
            one_answer,
        ],
    )
    with tracing_context(enabled=False):
        agent.invoke({"messages": [task]})
    if not way.is_saved_by_tool:
        turn.service.save(one_answer.arguments, authorship)


def _way(service: AgentService, entry: ModelEntry, mode: Mode) -> OutputMode:
    can_explore = mode is Mode.EXPLORE and service.read_tools and entry.tool_calling
    return ExploreMode(service, entry) if can_explore else choose_output_mode(service, entry, mode)


def _within(entry: ModelEntry, prompt: Prompt, most_tokens: int) -> ModelEntry:
    """Let the answer take what the prompt leaves of a call. Raises: BudgetExceeded."""
    left = most_tokens - tokens(prompt.text)
    if left < MIN_ANSWER_TOKENS:
        raise BudgetExceeded(
            f"The prompt takes {tokens(prompt.text):,} of the {most_tokens:,} tokens that a call"
            " may take. Shorten the lesson, or raise MaxCallTokens and redrive."
        )
    return entry.model_copy(update={"max_output_tokens": min(left, entry.max_output_tokens)})
