"""In-memory ports for the authoring pages: executions, event bus, model catalogue and exports."""

from typing import Any

from coursewright.domain.execution import Execution, ExecutionStatus
from coursewright.domain.export import Export
from coursewright.domain.generation import GenerationRequest
from coursewright.domain.model_call import ListedModel
from tests.fakes.memory_agents import MemoryGenerations


class MemoryExecutions:
    """Executions by name and ARN; those that no test has set are running."""

    def __init__(self) -> None:
        self.known: dict[str, Execution | None] = {}
        self.started: dict[str, GenerationRequest] = {}

    def start(self, name: str, request: GenerationRequest) -> bool:
        """Start an execution; return False if the name is taken."""
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
    """Ids of generations by month, without records."""

    def __init__(self, **months: tuple[str, ...]) -> None:
        super().__init__()
        self.months = {name.removeprefix("m").replace("_", "-"): months[name] for name in months}

    def list_month(self, month: str) -> tuple[str, ...]:
        return self.months.get(month, ())


class MemoryCatalogue:
    """The models that a test provides."""

    def __init__(self, *models: ListedModel) -> None:
        self._models = models

    def models(self) -> tuple[ListedModel, ...]:
        return self._models


class MemoryExports:
    """Results and files of exports by id."""

    def __init__(self) -> None:
        self.results: dict[str, Export] = {}
        self.files: dict[str, bytes] = {}

    def find(self, export: str) -> Export | None:
        return self.results.get(export)

    def save(self, export: str, result: Export) -> None:
        self.results[export] = result

    def save_file(self, export: str, result: Export, content: bytes, media_type: str) -> None:
        self.files[f"{export}/{result.content_sha256}/{result.file}"] = content

    def link(self, export: str, result: Export) -> str:
        """Return a link, with a query string as a presigned one has."""
        path = f"{export}/{result.content_sha256}/{result.file}"
        return f"https://content.example/exports/{path}?X-Amz-Expires=900&X-Amz-Signature=0"
