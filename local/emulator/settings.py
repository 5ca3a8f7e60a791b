"""Applies the settings that ministack reads from the environment on import.

Variables exported for another emulator (`SERVICES`, `S3_PERSIST`, `SMTP_HOST` …) must not affect
this one, which could otherwise delete the other's files or send real emails. Variables that
ministack reads only once are restored afterwards, and so is the global logging configuration.
"""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module

from local import access_key

REGION = access_key.REGION
ACCOUNT = "000000000000"

READ_ONCE = {
    "AUTH": "false",
    "LAMBDA_ACCOUNT_CONCURRENCY": "0",
    "LAMBDA_ASYNC_RETRY_BASE_SECONDS": "0.1",  # minutes on AWS
    "LAMBDA_EXECUTOR": "local",
    "LAMBDA_STRICT": "0",
    "LOCALSTACK_PERSISTENCE": "0",
    "LOCALSTACK_SFN_MOCK_CONFIG": "",
    "LOG_LEVEL": "CRITICAL",
    "PERSIST_STATE": "0",
    "SERVICES": "",
    "SFN_MOCK_CONFIG": "",
    "SFN_WAIT_SCALE": "1",
}
LASTING = {
    "CLOUDTRAIL_RECORDING": "0",
    "IOT_MTLS_ENABLED": "0",
    "MINISTACK_ACCOUNT_ID": ACCOUNT,
    "MINISTACK_HOST": "localhost",
    "MINISTACK_REGION": REGION,
    "S3_PERSIST": "0",
    "SFTP_ENABLED": "0",
    "SMTP_HOST": "",
    "USE_SSL": "0",
}


@contextmanager
def environment(variables: dict[str, str]) -> Iterator[None]:
    """Set environment variables for the duration of a block."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def restored_logging() -> Iterator[None]:
    """Restore the logging configuration after the block and silence loggers created in it."""
    root = logging.getLogger()
    level, handlers = root.level, list(root.handlers)
    known = set(root.manager.loggerDict)
    yield
    root.setLevel(level)
    root.handlers[:] = handlers
    for name in set(root.manager.loggerDict) - known:
        logging.getLogger(name).setLevel(logging.CRITICAL)


@cache
def apply() -> None:
    """Import ministack with the laptop cloud's settings."""
    os.environ.update(LASTING)
    with environment(READ_ONCE), restored_logging():
        import_module("ministack.app")
        import_module("ministack.services.cloudformation.provisioners")


def use_gateway_port(port: int) -> None:
    """Set the cloud's port for ministack and the functions."""
    os.environ["GATEWAY_PORT"] = str(port)
