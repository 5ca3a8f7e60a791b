"""A generation ends: the budget is settled and the status written."""

from coursewright.domain.budget import known_price
from coursewright.domain.generation import GenerationStatus
from coursewright.domain.model_call import Agent, Price, cost_micros
from coursewright.domain.records import Record
from coursewright.ports import Answers, Budget, Clock, Generations, KnownModels


class CloseTask(Record):
    """The input of the step."""

    generation: str
    round: int
    status: GenerationStatus


def close_generation(
    task: CloseTask,
    *,
    generations: Generations,
    answers: Answers,
    models: KnownModels,
    budget: Budget,
    pessimistic: Price,
    clock: Clock,
) -> dict[str, str]:
    """Settle what was spent and write the final status; again changes nothing."""
    spent = sum(
        cost_micros(call.usage, known_price(models.price(call.model), pessimistic)) or 0
        for agent in Agent
        for call in answers.calls(agent, task.generation)
    )
    started = generations.get(task.generation).started_at
    budget.settle(started.strftime("%Y%m"), task.generation, spent)
    generations.close(task.generation, task.status, now=clock.now())
    return {"generation": task.generation, "status": task.status}
