"""The registry of models that a course author may choose, with their prices."""

import tomllib
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, field_validator
from pydantic_core import PydanticCustomError

from coursewright.agents.endpoints import DEFAULT_BASE_URLS, address_fault, host_of
from coursewright.domain.base import Record
from coursewright.domain.brief import ModelId
from coursewright.domain.errors import ModelDisabled, ModelNotUsable
from coursewright.domain.model_call import IMPORTED, Price

BUILT_IN = Path(__file__).parent / "models.toml"

Dollars = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class StructuredOutput(StrEnum):
    """How a model is made to follow the schema of an answer."""

    STRICT_TOOL = "strict_tool"  # the save tool is forced, and the provider enforces its schema
    TOOL = "tool"  # the save tool is forced, but its schema is only a guide
    SCHEMA = "schema"  # no tool: the provider enforces the schema on the answer itself


def _default_structured_output(fields: dict[str, Any]) -> StructuredOutput:
    """Return the strictest option that every current model of the provider accepts."""
    is_compatible_server = fields.get("provider") == "openai" and fields.get("base_url")
    is_bedrock = fields.get("provider") == "bedrock"
    if is_compatible_server or (is_bedrock and "anthropic.claude" not in fields.get("name", "")):
        return StructuredOutput.TOOL
    return StructuredOutput.STRICT_TOOL


class ModelEntry(Record):
    """One model: its endpoint, capabilities and prices (dollars per million tokens)."""

    id: ModelId
    label: str = Field(min_length=1, max_length=100)
    group: str = Field(min_length=1, max_length=100)
    provider: Literal["openai", "bedrock", "anthropic", "google"]
    api: Literal["chat", "responses"] = "chat"  # which of OpenAI's two APIs to use
    name: str = Field(min_length=1, max_length=200)
    tool_calling: bool
    json_mode: bool = False  # the API has a JSON mode; otherwise the prompt asks for JSON
    prompt_caching: bool = False  # using cache markers (Anthropic, Bedrock) or a key (OpenAI)
    base_url: str = ""
    structured_output: StructuredOutput = Field(default_factory=_default_structured_output)
    key: str = Field(default="", pattern=r"^([A-Z][A-Z0-9_]*)?$")
    disabled: bool = False
    temperature: float | None = Field(default=None, ge=0, le=2)
    context_tokens: int | None = Field(default=None, ge=1_000)  # prompt and answer together
    max_output_tokens: int = Field(default=16_000, ge=256)
    price_input: Dollars | None = None
    price_cached: Dollars | None = None
    price_output: Dollars | None = None
    price_date: str = ""

    @field_validator("structured_output", mode="before")
    @classmethod
    def _parse_structured_output(cls, value: Any) -> StructuredOutput:
        return StructuredOutput(value)  # TOML has no enumerations, and validation is strict

    @field_validator("base_url")
    @classmethod
    def _require_secure_address(cls, value: str) -> str:
        is_open = not value or "${" in value  # the provider's own, or not filled in yet
        if fault := "" if is_open else address_fault(value):
            raise PydanticCustomError("address", "{fault}", {"fault": fault})
        return value

    @property
    def endpoint_url(self) -> str:
        """The address of the model's API; empty if its client knows it."""
        return self.base_url or DEFAULT_BASE_URLS[self.provider]

    @property
    def host(self) -> str:
        """The host that receives the model's key."""
        return host_of(self.endpoint_url)

    @property
    def has_output_mode(self) -> bool:
        """Whether the model has at least one way to return an answer."""
        has_schema = self.structured_output is StructuredOutput.SCHEMA
        return self.tool_calling or self.json_mode or has_schema

    @property
    def price(self) -> Price:
        """The price, with None for unknown parts."""
        return Price(
            input=self.price_input,
            cached=self.price_cached,
            output=self.price_output,
            date=self.price_date,
        )


IMPORTED_FILE = ModelEntry(
    id=IMPORTED,
    label="Imported file",
    group="Files",
    provider="openai",  # never called: drafts are read from the imported file
    name="file",
    tool_calling=True,
    price_input=0,
    price_output=0,
)


class Registry:
    """All models by id; immutable after loading."""

    def __init__(self, entries: Iterable[ModelEntry]) -> None:
        self._entries = {entry.id: entry for entry in entries}

    def get(self, model: str) -> ModelEntry:
        """Return the entry of a model that may be called.

        Raises: ModelNotUsable if the model is unknown, ModelDisabled if it is disabled.
        """
        entry = self._find(model)
        if entry is None:
            raise ModelNotUsable(
                f"{model} is not in the registry; known models: {', '.join(sorted(self._entries))}"
            )
        if entry.disabled:
            raise ModelDisabled(f"{model} is disabled in the registry")
        return entry

    def price(self, model: str) -> Price:
        """Return a model's price, even if the model is disabled or not listed."""
        entry = self._find(model)
        return entry.price if entry else Price()

    def context_tokens(self, model: str) -> int | None:
        """Return the size of a model's context window, or None if it is unknown."""
        entry = self._find(model)
        return entry.context_tokens if entry else None

    def _find(self, model: str) -> ModelEntry | None:
        return self._entries.get(model, IMPORTED_FILE if model == IMPORTED else None)

    def entries(self) -> tuple[ModelEntry, ...]:
        """Return every model in registry order."""
        return tuple(self._entries.values())


def load_registry(override: str = "", *, base: str | None = None) -> Registry:
    """Load the registry; overrides add entries or replace base entries with the same id.

    Raises: ModelNotUsable, naming the invalid entry and field.
    """
    text = BUILT_IN.read_text(encoding="utf-8") if base is None else base
    entries = {entry.id: entry for entry in _parse_entries(text, "models.toml")}
    entries |= {entry.id: entry for entry in _parse_entries(override, "the models parameter")}
    return Registry(entries.values())


def _parse_entries(text: str, source: str) -> list[ModelEntry]:
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ModelNotUsable(f"{source} is not valid TOML: {error}") from error
    listed = document.pop("models", [])
    if document or not isinstance(listed, list):
        raise ModelNotUsable(f"{source}: only [[models]] entries are allowed")
    entries = [
        _parse_entry(raw, f"{source}, entry {number}") for number, raw in enumerate(listed, start=1)
    ]
    if len({entry.id for entry in entries}) < len(entries):
        raise ModelNotUsable(f"{source} lists an id more than once")
    return entries


def _parse_entry(raw: Any, place: str) -> ModelEntry:
    name = f" ({raw['id']})" if isinstance(raw, dict) and "id" in raw else ""
    try:
        return ModelEntry.model_validate(raw, strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "entry"
        raise ModelNotUsable(f"{place}{name}, {field}: {first['msg']}") from error
