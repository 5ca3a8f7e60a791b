"""The toolset of each agent: one save tool, bound to a task that the model cannot change."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from langchain_core.tools import BaseTool, StructuredTool

from coursewright.agents.schemas import (
    TESTS_SCHEMAS,
    HintSchema,
    SolutionSchema,
    ToolArguments,
    assignments_schema,
)
from coursewright.domain.allowed_html import removed_markup
from coursewright.domain.assignment import (
    Authorship,
    Draft,
    DraftHint,
    DraftSolution,
    DraftTests,
    draft_id,
)
from coursewright.domain.brief import Brief, Kind
from coursewright.ports.agents import Drafts


class AgentService(ABC):
    """Toolset of one agent for one task."""

    tool_name: str
    tool_description: str
    schema: type[ToolArguments]
    is_plain_text = False
    read_tools: tuple[BaseTool, ...] = ()  # offered in the mode `explore` only

    def tools(self, authorship: Authorship) -> list[BaseTool]:
        """Return the save tool, bound to this task."""

        def save(**arguments: Any) -> str:
            self.save(arguments, authorship)
            return "saved"

        return [
            StructuredTool.from_function(
                func=save,
                name=self.tool_name,
                description=self.tool_description,
                args_schema=self.schema,
                return_direct=True,
            )
        ]

    @abstractmethod
    def save(self, arguments: Mapping[str, Any], authorship: Authorship) -> None:
        """Save a valid answer; saving the same answer again has no effect."""


class ConditionsService(AgentService):
    """Toolset of the agent that writes the assignments as learners see them."""

    tool_name = "save_assignments"
    tool_description = "Submit the complete set of assignments. Call this tool exactly once."

    def __init__(
        self,
        generation: str,
        round_number: int,
        model: str,
        brief: Brief,
        drafts: Drafts,
        *,
        read_tools: tuple[BaseTool, ...] = (),
    ) -> None:
        self._generation, self._round, self._model = generation, round_number, model
        self._brief, self._drafts = brief, drafts
        self.read_tools = read_tools
        self.schema = assignments_schema(brief.kind, brief.tasks_count)

    @property
    def draft_ids(self) -> list[str]:
        """The ids of this task's drafts, from easiest to hardest."""
        numbers = range(1, self._brief.tasks_count + 1)
        return [draft_id(self._model, self._round, number) for number in numbers]

    def save(self, arguments: Mapping[str, Any], authorship: Authorship) -> None:
        """Save all drafts of the answer."""
        items = self.schema.model_validate(arguments).model_dump()["assignments"]
        drafts = (
            self._build_draft(number, item, authorship)
            for number, item in enumerate(items, start=1)
        )
        self._drafts.save_drafts(tuple(drafts))

    def _build_draft(self, number: int, item: dict[str, Any], authorship: Authorship) -> Draft:
        return Draft(
            draft=draft_id(self._model, self._round, number),
            generation=self._generation,
            round=self._round,
            model=self._model,
            number=number,
            kind=self._brief.kind,
            authorship=authorship,
            removed=removed_markup(item["text"]),
            **({"schema_sql": ""} | item),
        )


class TestsService(AgentService):
    """Toolset of the agent that writes the tests of a draft."""

    __test__ = False  # prevents pytest from collecting it
    tool_name = "save_tests"
    tool_description = "Submit the complete tests of the assignment. Call this tool exactly once."

    def __init__(
        self, generation: str, draft: str, attempt: int, kind: Kind, drafts: Drafts
    ) -> None:
        self._generation, self._draft, self._attempt = generation, draft, attempt
        self._drafts = drafts
        self.schema = TESTS_SCHEMAS[kind]

    def save(self, arguments: Mapping[str, Any], authorship: Authorship) -> None:
        """Save the tests of this attempt."""
        parts = self.schema.model_validate(arguments).model_dump()
        tests = DraftTests(
            draft=self._draft,
            attempt=self._attempt,
            authorship=authorship,
            **({"tests": "", "datasets": (), "ordered": False} | parts),
        )
        self._drafts.save_tests(self._generation, tests)


class SolutionService(AgentService):
    """Toolset of the agent that solves a draft."""

    tool_name = "save_solution"
    tool_description = "Submit the solution of the assignment. Call this tool exactly once."
    schema = SolutionSchema

    def __init__(self, generation: str, draft: str, attempt: int, drafts: Drafts) -> None:
        self._generation, self._draft, self._attempt = generation, draft, attempt
        self._drafts = drafts

    def save(self, arguments: Mapping[str, Any], authorship: Authorship) -> None:
        """Save the solution of this attempt."""
        self._drafts.save_solution(self._generation, self._build_solution(arguments, authorship))

    def _build_solution(
        self, arguments: Mapping[str, Any], authorship: Authorship
    ) -> DraftSolution:
        parts = self.schema.model_validate(arguments).model_dump()
        return DraftSolution(
            draft=self._draft, attempt=self._attempt, authorship=authorship, **parts
        )


class SolverService(SolutionService):
    """Toolset of the agent that solves another model's draft."""

    def __init__(self, generation: str, draft: str, solver: str, drafts: Drafts) -> None:
        super().__init__(generation, draft, 0, drafts)
        self._solver = solver

    def save(self, arguments: Mapping[str, Any], authorship: Authorship) -> None:
        """Save the solution alongside the author's own."""
        solution = self._build_solution(arguments, authorship)
        self._drafts.save_blind_solution(self._generation, self._solver, solution)


class HintService(AgentService):
    """Toolset of the hint agent, whose answer is plain text."""

    tool_name = "save_hint"
    tool_description = "Submit the hint."
    schema = HintSchema
    is_plain_text = True

    def __init__(self, generation: str, draft: str, drafts: Drafts) -> None:
        self._generation, self._draft, self._drafts = generation, draft, drafts

    def save(self, arguments: Mapping[str, Any], authorship: Authorship) -> None:
        """Save the hint of a draft."""
        hint = self.schema.model_validate(arguments).hint
        draft_hint = DraftHint(
            draft=self._draft, hint=" ".join(hint.split()), authorship=authorship
        )
        self._drafts.save_hint(self._generation, draft_hint)
