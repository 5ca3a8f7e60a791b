"""What the authoring pages reaches for, kept in memory."""

from typing import Any

from coursewright.domain.base import text_sha256
from coursewright.domain.errors import ExportImpossible
from coursewright.domain.execution import Run, RunStatus
from coursewright.domain.export import Exported, Format
from coursewright.domain.lesson import ObjectPlace
from coursewright.domain.model_call import ListedModel


class MemoryRuns:
    """Runs by execution; one that was not told of is running."""

    def __init__(self) -> None:
        self.known: dict[str, Run | None] = {}

    def get(self, execution: str) -> Run | None:
        return self.known.get(execution, Run(status=RunStatus.RUNNING))


class MemoryModuleBus:
    def __init__(self) -> None:
        self.details: list[dict[str, Any]] = []

    def publish(self, detail: dict[str, Any]) -> None:
        self.details.append(detail)


class MemoryUploads:
    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    def save(self, html: str) -> ObjectPlace:
        key = f"uploads/{text_sha256(html)}.html"
        self.kept[key] = html
        return ObjectPlace(bucket="memory", key=key)


class MemoryGenerationList:
    def __init__(self, **months: tuple[str, ...]) -> None:
        self.months = {name.removeprefix("m").replace("_", "-"): months[name] for name in months}

    def of_month(self, month: str) -> tuple[str, ...]:
        return self.months.get(month, ())


class MemoryCatalogue:
    def __init__(self, *models: ListedModel) -> None:
        self._models = models

    def models(self) -> tuple[ListedModel, ...]:
        return self._models


class MemoryExporter:
    """Exports of one assignment each, from the generations of which one was approved."""

    def __init__(self, *approved: str) -> None:
        self._approved = approved
        self.asked: list[tuple[str, Format]] = []

    def export(self, generation: str, form: Format) -> Exported:
        self.asked.append((generation, form))
        if generation not in self._approved:
            raise ExportImpossible(f"{generation}: no assignment was approved.")
        link = f"https://content.example/exports/{form}.zip?X-Amz-Expires=900&X-Amz-Signature=0"
        return Exported(format=form, assignments=1, file=f"{form}.zip", link=link)
