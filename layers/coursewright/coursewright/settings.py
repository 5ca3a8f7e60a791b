"""A deployment's settings, read from the function's environment."""

import os
from functools import cache
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from coursewright.domain.address import Address
from coursewright.domain.base import Record
from coursewright.domain.brief import BriefDefaults
from coursewright.domain.reviewer_rules import ReviewerRules


def _split(text: str) -> tuple[str, ...]:
    return tuple(item.strip() for item in text.split(",") if item.strip())


def _as_list(value: object) -> object:
    return _split(value) if isinstance(value, str) else value


class Settings(Record):
    """The environment variables of all functions; the template sets those used by each function."""

    table_name: str = ""
    content_bucket: str = ""
    state_machine_arn: str = ""
    check_code_function: str = ""
    link_keys_secret: str = ""
    model_keys_secret: str = ""
    models_parameter: str = ""
    mail_from: Address | Literal[""] = ""
    mail_configuration: str = ""
    alarm_topic: str = ""
    notification_topic: str = ""
    chat_secret: str = ""
    public_url: str = ""
    authoring_url: str = ""
    author_keys_secret: str = ""
    sign_in_parameter: str = ""
    event_bus: str = ""
    list_models_function: str = ""
    export_assignments_function: str = ""
    verify_edit_function: str = ""
    review_timeout_seconds: int = 259_200
    max_reminders: int = 3
    monthly_budget_usd: float = Field(default=50, ge=0)
    generation_budget_usd: float = Field(default=50, ge=0)
    unknown_input_usd: float = Field(default=15, ge=0)
    unknown_output_usd: float = Field(default=75, ge=0)
    max_call_tokens: int = Field(default=400_000, ge=1_000)
    default_tasks_count: int = Field(default=5, ge=1, le=20)
    default_models: str = ""
    default_language: str = "en"
    default_reviewers: Annotated[tuple[Address, ...], BeforeValidator(_as_list)] = ()
    reviewer_domains: Annotated[tuple[str, ...], BeforeValidator(_as_list)] = ()
    author_may_review: bool = False

    @property
    def brief_defaults(self) -> BriefDefaults:
        """Values for fields missing from an event's brief."""
        return BriefDefaults(
            tasks_count=self.default_tasks_count,
            models=_split(self.default_models),
            language=self.default_language,
            reviewers=self.default_reviewers,
        )

    @property
    def reviewer_rules(self) -> ReviewerRules:
        """The rules for who may review."""
        return ReviewerRules(
            domains=self.reviewer_domains,
            author_may_review=self.author_may_review,
            colleagues=self.default_reviewers,
        )


@cache
def settings() -> Settings:
    """Read the environment once; variables have the same names as the fields, in upper case."""
    fields = Settings.model_fields
    values = {name: os.environ[name.upper()] for name in fields if os.environ.get(name.upper())}
    return Settings.model_validate(values)
