"""Lists the registry of models for a person: what each can do, costs, and lacks on this machine."""

import os
from collections.abc import Iterable
from functools import cache

import botocore.session
from rich.table import Table

from coursewright.agents.availability import missing_requirements
from coursewright.agents.model_registry import ModelEntry


def models_table(entries: Iterable[ModelEntry]) -> Table:
    """Return the registry as a table, group by group."""
    table = Table("model", "label", "answers by", "$ per million tokens", "here")
    group = ""
    for entry in sorted(entries, key=lambda one: one.group):
        if entry.group != group:
            table.add_section()
            table.add_row(f"[bold]{entry.group}[/bold]")
            group = entry.group
        table.add_row(entry.id, entry.label, _way(entry), price_words(entry), usable_words(entry))
    return table


def usable_words(entry: ModelEntry) -> str:
    """Return whether a model can be called from here, or what is missing."""
    missing = missing_requirements(entry, lambda name: bool(os.environ.get(name)), has_aws)
    return "usable" if not missing else "missing: " + "; ".join(missing)


def price_words(entry: ModelEntry) -> str:
    """Return the input and output prices with their date, or say that they are unknown."""
    price = entry.price
    if price.input is None or price.output is None:
        return "unknown"
    return f"{price.input:g} in, {price.output:g} out ({price.date or 'date unknown'})"


@cache
def has_aws() -> bool:
    """Return whether AWS credentials and a region are set here; no machine role is asked for."""
    session = botocore.session.Session()
    session.set_config_variable("metadata_service_num_attempts", 0)
    return bool(session.get_credentials() and session.get_config_variable("region"))


def _way(entry: ModelEntry) -> str:
    way = "tool call" if entry.tool_calling else "JSON" if entry.json_mode else "nothing usable"
    return f"{way} (Responses)" if entry.api == "responses" else way
