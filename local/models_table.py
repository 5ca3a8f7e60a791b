"""Renders the model registry as a table of capabilities, prices and local availability."""

import os
from collections.abc import Iterable
from functools import cache

import botocore.session
from rich.table import Table

from coursewright.agents.availability import missing_requirements
from coursewright.agents.model_registry import ModelEntry, StructuredOutput
from coursewright.domain.model_call import ApiKey
from coursewright.markup.availability_text import unavailability_text


def models_table(entries: Iterable[ModelEntry]) -> Table:
    """Return the registry as a table, sorted by group."""
    table = Table("model", "label", "output mode", "$ per million tokens", "here")
    group = ""
    for entry in sorted(entries, key=lambda entry: entry.group):
        if entry.group != group:
            table.add_section()
            table.add_row(f"[bold]{entry.group}[/bold]")
            group = entry.group
        table.add_row(
            entry.id, entry.label, _output_mode(entry), price_text(entry), availability_text(entry)
        )
    return table


def availability_text(entry: ModelEntry) -> str:
    """Return `usable` or why the model cannot be called from this machine."""
    missing = missing_requirements(entry, _key_of, has_aws)
    return (
        "usable" if not missing else "unavailable: " + "; ".join(map(unavailability_text, missing))
    )


def _key_of(name: str) -> ApiKey:
    return ApiKey(value=os.environ.get(name, ""))


def price_text(entry: ModelEntry) -> str:
    """Return the input and output prices and their date, or `unknown`."""
    price = entry.price
    if price.input is None or price.output is None:
        return "unknown"
    return f"{price.input:g} in, {price.output:g} out ({price.date or 'date unknown'})"


@cache
def has_aws() -> bool:
    """Return whether AWS credentials and a region are configured, ignoring instance metadata."""
    session = botocore.session.Session()
    session.set_config_variable("metadata_service_num_attempts", 0)
    return bool(session.get_credentials() and session.get_config_variable("region"))


def _output_mode(entry: ModelEntry) -> str:
    has_binding = entry.tool_calling or entry.structured_output is StructuredOutput.SCHEMA
    fallback = "JSON" if entry.json_mode else "none"
    mode = entry.structured_output.replace("_", " ") if has_binding else fallback
    return f"{mode} (Responses)" if entry.api == "responses" else mode
