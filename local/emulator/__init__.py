"""Named patches that make ministack 1.5.33 behave like AWS where this project relies on it.

One module per defect; its docstring says what is wrong and what AWS does instead. Each asserts
that its patch point is still there. The settings come first, since ministack reads them when it is
imported, and any module of this package imports it.
"""

from importlib import import_module

from local.emulator import settings

settings.apply()


PATCHES = (
    "browser_guard",
    "event_targets",
    "http_api_errors",
    "http_api_routes",
    "lambda_async",
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
    "table_ttl",
    "unknown_resources",
)


def apply_all() -> None:
    """Apply every patch; once is enough, twice does no harm."""
    for name in PATCHES:
        import_module(f"{__name__}.{name}").apply()
