"""The toolset of each agent: one tool, for one task, for a caller whom the model cannot choose."""

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
    """What an agent may do for its task."""

    tool_name: str
    tool_description: str
    schema: type[ToolArguments]
    is_plain_text = False
    read_tools: tuple[BaseTool, ...] = ()  # what the mode `explore` offers besides

    def tools(self, authorship: Authorship) -> list[BaseTool]:
        """Return the tools that this agent may call for this task, and for no other."""

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
        """Keep what a valid answer says; the same answer again changes nothing."""


class ConditionsService(AgentService):
    """The toolset of the agent that writes what learners see."""

    tool_name = "save_assignments"
    tool_description = "Hand in the complete set of assignments. Call this tool exactly once."

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
        """Name the drafts that this task leads to, from the easiest to the hardest."""
        numbers = range(1, self._brief.tasks_count + 1)
        return [draft_id(self._model, self._round, number) for number in numbers]

    def save(self, arguments: Mapping[str, Any], authorship: Authorship) -> None:
        """Keep all drafts of the answer."""
        items = self.schema.model_validate(arguments).model_dump()["assignments"]
        drafts = (
            self._draft(number, item, authorship) for number, item in enumerate(items, start=1)
        )
        self._drafts.save_drafts(tuple(drafts))

    def _draft(self, number: int, item: dict[str, Any], authorship: Authorship) -> Draft:
        return Draft(
            draft=draft_id(self._model, self._round, number),
            generation=self._generation,
            round=self._round,
            model=self._model,
            number=number,
            kind=self._brief.kind,
            authorship=authorship,
            **({"schema_sql": ""} | item),
        )


class TestsService(AgentService):
    """The toolset of the agent that writes how a solution is checked."""

    __test__ = False  # its name is no invitation to pytest
    tool_name = "save_tests"
    tool_description = "Hand in the complete tests of the assignment. Call this tool exactly once."

    def __init__(
        self, generation: str, draft: str, attempt: int, kind: Kind, drafts: Drafts
    ) -> None:
        self._generation, self._draft, self._attempt = generation, draft, attempt
        self._drafts = drafts
        self.schema = TESTS_SCHEMAS[kind]

    def save(self, arguments: Mapping[str, Any], authorship: Authorship) -> None:
        """Keep the tests of this attempt."""
        parts = self.schema.model_validate(arguments).model_dump()
        tests = DraftTests(
            draft=self._draft,
            attempt=self._attempt,
            authorship=authorship,
            **({"tests": "", "datasets": (), "ordered": False} | parts),
        )
        self._drafts.save_tests(self._generation, tests)


class SolutionService(AgentService):
    """The toolset of the agent that solves a draft."""

    tool_name = "save_solution"
    tool_description = "Hand in the solution of the assignment. Call this tool exactly once."
    schema = SolutionSchema

    def __init__(self, generation: str, draft: str, attempt: int, drafts: Drafts) -> None:
        self._generation, self._draft, self._attempt = generation, draft, attempt
        self._drafts = drafts

    def save(self, arguments: Mapping[str, Any], authorship: Authorship) -> None:
        """Keep the solution of this attempt."""
        self._drafts.save_solution(self._generation, self._solution(arguments, authorship))

    def _solution(self, arguments: Mapping[str, Any], authorship: Authorship) -> DraftSolution:
        parts = self.schema.model_validate(arguments).model_dump()
        return DraftSolution(
            draft=self._draft, attempt=self._attempt, authorship=authorship, **parts
        )


class SolverService(SolutionService):
    """The toolset of a model that solves another model's draft."""

    def __init__(self, generation: str, draft: str, solver: str, drafts: Drafts) -> None:
        super().__init__(generation, draft, 0, drafts)
        self._solver = solver

    def save(self, arguments: Mapping[str, Any], authorship: Authorship) -> None:
        """Keep the solution beside the author's own."""
        solution = self._solution(arguments, authorship)
        self._drafts.save_blind_solution(self._generation, self._solver, solution)


class HintService(AgentService):
    """What becomes of the one agent's answer that is plain text."""

    tool_name = "save_hint"
    tool_description = "Hand in the hint."
    schema = HintSchema
    is_plain_text = True

    def __init__(self, generation: str, draft: str, drafts: Drafts) -> None:
        self._generation, self._draft, self._drafts = generation, draft, drafts

    def save(self, arguments: Mapping[str, Any], authorship: Authorship) -> None:
        """Keep the hint of a draft."""
        hint = self.schema.model_validate(arguments).hint
        kept = DraftHint(draft=self._draft, hint=" ".join(hint.split()), authorship=authorship)
        self._drafts.save_hint(self._generation, kept)
