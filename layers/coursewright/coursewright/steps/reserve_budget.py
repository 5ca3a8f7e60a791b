"""Money is set aside before any model is asked."""

from coursewright.domain.model_call import Price, Usage, cost_micros
from coursewright.domain.records import Record
from coursewright.ports import Budget, Generations, KnownModels, Lessons

PROMPT_TOKENS = 6_000  # the stable part of a prompt, measured on the prompts of this repository
CONDITIONS_TOKENS = 900  # what a model writes for one assignment
PART_TOKENS = 1_500  # what it writes for the tests or the solution of one
REPAIRS_SHARE = 0.5  # repairs expected per draft; unspent money is given back at the end
PESSIMISTIC = Price(input=15, output=75)  # dollars per million tokens, where a price is unknown


class ReserveTask(Record):
    """The input of the step."""

    generation: str


def reserve_budget(
    task: ReserveTask,
    *,
    generations: Generations,
    lessons: Lessons,
    models: KnownModels,
    budget: Budget,
    cap_usd: float,
) -> int:
    """Reserve the estimate of a generation in its month, once, in millionths of a dollar.

    Raises: BudgetExceeded.
    """
    generation = generations.get(task.generation)
    brief = generation.request.brief
    lesson_tokens = len(lessons.read(generation.request.lesson)) // 3
    amount = sum(
        estimate(brief.tasks_count, lesson_tokens, models.price(model)) for model in brief.models
    )
    month = generation.started_at.strftime("%Y%m")
    return budget.reserve(month, task.generation, amount, cap=round(cap_usd * 1_000_000))


def estimate(tasks_count: int, lesson_tokens: int, price: Price) -> int:
    """Estimate one model's cost for one round, in millionths of a dollar."""
    known = price if price.input is not None and price.output is not None else PESSIMISTIC
    parts = tasks_count * 2 * (1 + REPAIRS_SHARE)
    prompts = (1 + parts) * (PROMPT_TOKENS + lesson_tokens)
    written = tasks_count * CONDITIONS_TOKENS + parts * PART_TOKENS
    usage = Usage(input_tokens=round(prompts), output_tokens=round(written))
    return cost_micros(usage, known.model_copy(update={"cached": None})) or 0
