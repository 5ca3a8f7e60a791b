"""Patches that make ministack 1.5.33 behave like AWS where this project relies on it.

One module per defect; its docstring describes the defect and what AWS does instead. Each module
asserts that its patch points still exist. The settings are applied first, because ministack reads
them on import, and every module of this package imports it.
"""

from importlib import import_module

from local.emulator import settings

settings.apply()


PATCHES = (
    "access_keys",
    "event_targets",
    "gateway",
    "http_api_errors",
    "http_api_routes",
    "lambda_environment",
    "lambda_errors",
    "lambda_workers",
    "local_artifacts",
    "no_docker",
    "raw_mail",
    "role_policies",
    "secret_arns",
    "sfn_branches",
    "sfn_callbacks",
    "sfn_choice",
    "sfn_executions",
    "sfn_history",
    "sfn_idempotent_start",
    "sfn_map_runs",
    "sfn_scopes",
    "sfn_size_limits",
    "sfn_states",
    "sfn_tasks",
    "sfn_time_limits",
    "stand_in_author",
    "table_ttl",
    "unknown_resources",
)


def apply_all() -> None:
    """Apply all patches; idempotent."""
    for name in PATCHES:
        import_module(f"{__name__}.{name}").apply()
