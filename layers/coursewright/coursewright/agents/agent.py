"""Runs one agent: a single model call whose answer is recorded in the ledger before it is used."""

from collections.abc import Callable

from langchain.agents import create_agent
from langchain.agents.middleware import ModelCallLimitMiddleware
from langsmith.run_helpers import tracing_context

from coursewright.agents.deps import AgentDeps, InvocationContext
from coursewright.agents.explore_mode import ExploreMiddleware, ExploreMode
from coursewright.agents.key_hosts import find_key
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
from coursewright.domain.budget import MIN_ANSWER_TOKENS, require_room, tokens
from coursewright.domain.errors import BudgetExceeded
from coursewright.domain.model_call import AnswerKey

SECONDS_TO_SAVE = 10  # reserved after the model call for saving the answer
MIN_CALL_SECONDS = 5.0


def run_agent(
    key: AnswerKey,
    service: AgentService,
    build_prompt: Callable[[], Prompt],
    deps: AgentDeps,
    invocation: InvocationContext,
) -> None:
    """Save the accepted answer if there is one; otherwise call the model once and save its answer.

    Raises: any ModelError, BudgetExceeded or DraftConflict.
    """
    accepted = deps.answers.accepted(key)
    if accepted is None:
        task = AgentTask(key=key, prompt=build_prompt(), service=service)
        _call_model(task, deps, invocation)
        return
    content = AnswerContent.model_validate(accepted.arguments)
    service.save(content.arguments, content.authorship)


def _call_model(task: AgentTask, deps: AgentDeps, invocation: InvocationContext) -> None:
    entry = deps.registry.get(task.key.model)
    secret = find_key(entry, deps.model_key)
    timeout_seconds = max(MIN_CALL_SECONDS, invocation.seconds_left - SECONDS_TO_SAVE)
    transport = Transport(timeout_seconds, secret=secret)
    brief = deps.generations.get(task.key.generation).request.brief
    mode = _choose_mode(task.service, entry, brief.mode)
    prompt = mode.adapt_prompt(task.prompt)
    capped = _cap_output_tokens(entry, prompt, deps.max_call_tokens)
    model = build_chat_model(capped, secret, transport=transport)
    authorship = Authorship(
        prompt_set=prompt_set(), prompt_sha256=deps.answers.save_prompt(prompt.text)
    )
    middleware = _ledger_middleware(mode, TaskLedger(task, authorship, deps, invocation), transport)
    system, message = prompt_caching.build_messages(prompt, entry)
    agent = create_agent(
        model,
        mode.tools(authorship),
        system_prompt=system,
        middleware=[
            ModelCallLimitMiddleware(run_limit=mode.max_calls, exit_behavior="error"),
            ModelSettingsMiddleware(prompt_caching.build_settings(prompt, entry)),
            middleware,
        ],
    )
    with tracing_context(enabled=False):
        agent.invoke({"messages": [message]})
    if not mode.is_saved_by_tool:
        task.service.save(middleware.arguments, authorship)


def _choose_mode(service: AgentService, entry: ModelEntry, mode: Mode) -> OutputMode:
    can_explore = mode is Mode.EXPLORE and service.read_tools and entry.tool_calling
    return ExploreMode(service, entry) if can_explore else choose_output_mode(service, entry, mode)


def _ledger_middleware(
    mode: OutputMode, ledger: TaskLedger, transport: Transport
) -> LedgerMiddleware:
    if isinstance(mode, ExploreMode):
        return ExploreMiddleware(mode, ledger, transport)
    return LedgerMiddleware(mode, ledger, transport)


def _cap_output_tokens(entry: ModelEntry, prompt: Prompt, max_tokens: int) -> ModelEntry:
    """Limit the answer to the tokens left by the prompt.

    Raises: PromptTooLong or BudgetExceeded.
    """
    require_room(tokens(prompt.text), entry.context_tokens)
    left = max_tokens - tokens(prompt.text)
    if left < MIN_ANSWER_TOKENS:
        raise BudgetExceeded(
            f"The prompt takes {tokens(prompt.text):,} of the {max_tokens:,} tokens allowed per"
            " call. Shorten the lesson, or raise MaxCallTokens and redrive."
        )
    if entry.context_tokens:
        left = min(left, entry.context_tokens - tokens(prompt.text))
    return entry.model_copy(update={"max_output_tokens": min(left, entry.max_output_tokens)})
