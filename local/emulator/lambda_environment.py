"""Defect in ministack 1.5.33: a Lambda worker inherits the developer's whole environment.

On AWS a function sees its own variables, those of the runtime, and its role's credentials. A key
exported in the developer's shell must neither make a function work here that would fail there, nor
reach its logs. Only network settings are passed on: proxies and trusted certificates.
"""

import os
import uuid
from functools import cache
from pathlib import Path
from typing import Any

from ministack.core import lambda_runtime

from local.emulator.access_keys import issue_session
from local.emulator.patch_point import patch_points

# SANDBOX_IMAGE replaces /opt/sandbox/image.bin, which is part of the sandbox layer on AWS.
FROM_THE_MACHINE = ("PATH", "LD_LIBRARY_PATH", "SANDBOX_IMAGE")
TRUST = (
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "AWS_CA_BUNDLE",
)
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
NOT_PROXIED = "127.0.0.1,localhost"


def network_variables() -> dict[str, str]:
    """Return the variables that a worker needs to reach providers from behind a proxy."""
    proxies = [name for upper in PROXIES for name in (upper, upper.lower())]
    variables = {name: os.environ[name] for name in (*TRUST, *proxies) if name in os.environ}
    if any(name in variables for name in proxies):
        excluded = os.environ.get("NO_PROXY") or os.environ.get("no_proxy")
        no_proxy = f"{excluded},{NOT_PROXIED}" if excluded else NOT_PROXIED
        variables |= {"NO_PROXY": no_proxy, "no_proxy": no_proxy}
    return variables


def runtime_variables(config: dict[str, Any]) -> dict[str, str]:
    """Return the variables that the Lambda runtime sets."""
    _, region = lambda_runtime._account_region_from_function_config(config)
    name = config["FunctionName"]
    log_group = (config.get("LoggingConfig") or {}).get("LogGroup") or f"/aws/lambda/{name}"
    return {
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{config.get('Runtime', 'python3.13')}",
        "AWS_LAMBDA_FUNCTION_NAME": name,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(config.get("MemorySize", 128)),
        "AWS_LAMBDA_FUNCTION_VERSION": config.get("Version", "$LATEST"),
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": log_group,
        "AWS_LAMBDA_LOG_STREAM_NAME": uuid.uuid4().hex,
        "_HANDLER": config.get("Handler", ""),
        "TZ": ":UTC",
        "LANG": "en_US.UTF-8",
        **issue_session(config),
    }


def worker_environment(config: dict[str, Any], *, code: Path, home: Path) -> dict[str, str]:
    """Return a worker's complete environment; it inherits nothing else."""
    machine = {name: os.environ[name] for name in FROM_THE_MACHINE if name in os.environ}
    return {
        **machine,
        **network_variables(),
        "HOME": str(home),
        "TMPDIR": str(home),  # removed with the cloud, because a killed worker leaves 60 MB
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{os.environ['GATEWAY_PORT']}",
        "AWS_EC2_METADATA_DISABLED": "true",
        **(config.get("Environment") or {}).get("Variables", {}),
        **runtime_variables(config),
        "LAMBDA_TASK_ROOT": str(code),
    }


@cache
def apply() -> None:
    """Check the patch points; `lambda_workers` starts its workers in this environment."""
    patch_points(lambda_runtime, "_account_region_from_function_config")
