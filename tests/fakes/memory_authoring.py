"""In-memory ports of the authoring pages: executions, event bus, model catalogue and exporter."""

from typing import Any

from coursewright.domain.errors import ExportImpossible
from coursewright.domain.execution import Execution, ExecutionStatus
from coursewright.domain.export import Exported, Format
from coursewright.domain.generation import GenerationRequest
from coursewright.domain.model_call import ListedModel
from tests.fakes.memory_agents import MemoryGenerations


class MemoryExecutions:
    """Executions by name and ARN; an ARN that no test set is of a running execution."""

    def __init__(self) -> None:
        self.known: dict[str, Execution | None] = {}
        self.started: dict[str, GenerationRequest] = {}

    def start(self, name: str, request: GenerationRequest) -> bool:
        """Start an execution; return False if one of that name exists."""
        if name in self.started:
            return False
        self.started[name] = request
        return True

    def get(self, execution: str) -> Execution | None:
        """Return an execution, or None if a test set it to None."""
        return self.known.get(execution, Execution(status=ExecutionStatus.RUNNING))


class MemoryEventBus:
    """The details of published events."""

    def __init__(self) -> None:
        self.details: list[dict[str, Any]] = []

    def publish(self, detail: dict[str, Any]) -> None:
        self.details.append(detail)


class MemoryGenerationList(MemoryGenerations):
    """Generations by month, whose records are not needed."""

    def __init__(self, **months: tuple[str, ...]) -> None:
        super().__init__()
        self.months = {name.removeprefix("m").replace("_", "-"): months[name] for name in months}

    def list_month(self, month: str) -> tuple[str, ...]:
        return self.months.get(month, ())


class MemoryCatalogue:
    """The models that a test lists."""

    def __init__(self, *models: ListedModel) -> None:
        self._models = models

    def models(self) -> tuple[ListedModel, ...]:
        return self._models


class MemoryExporter:
    """Exports one assignment of each generation that has an approved one."""

    def __init__(self, *approved: str) -> None:
        self._approved = approved
        self.asked: list[tuple[str, Format]] = []

    def export(self, generation: str, form: Format) -> Exported:
        self.asked.append((generation, form))
        if generation not in self._approved:
            raise ExportImpossible(f"{generation}: no assignment has been approved.")
        link = f"https://content.example/exports/{form}.zip?X-Amz-Expires=900&X-Amz-Signature=0"
        return Exported(format=form, assignments=1, file=f"{form}.zip", link=link)
