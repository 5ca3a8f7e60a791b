"""What a deployment decides, read from the function's environment."""

import os
from functools import cache

from pydantic import Field

from coursewright.domain.base import Record
from coursewright.domain.brief import BriefDefaults


class Settings(Record):
    """The environment of a function; a function reads only what its template entry gives it."""

    table_name: str = ""
    content_bucket: str = ""
    state_machine_arn: str = ""
    check_code_function: str = ""
    link_keys_secret: str = ""
    model_keys_secret: str = ""
    models_parameter: str = ""
    mail_from: str = ""
    mail_configuration: str = ""
    alarm_topic: str = ""
    notification_topic: str = ""
    chat_secret: str = ""
    public_url: str = ""
    authoring_url: str = ""
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
    default_reviewers: str = ""

    @property
    def brief_defaults(self) -> BriefDefaults:
        """What a brief contains where the event is silent."""
        return BriefDefaults(
            tasks_count=self.default_tasks_count,
            models=_words(self.default_models),
            language=self.default_language,
            reviewers=_words(self.default_reviewers),
        )


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


@cache
def settings() -> Settings:
    """Read the environment once; variables bear the fields' names in capitals."""
    names = Settings.model_fields
    given = {name: os.environ[name.upper()] for name in names if os.environ.get(name.upper())}
    return Settings.model_validate(given)
