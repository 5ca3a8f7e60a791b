"""Ministack reads its settings from the environment when it is imported: they are set here first.

What a developer may have exported for another emulator (`SERVICES`, `S3_PERSIST`, `SMTP_HOST` …)
must not change this one: it would delete that one's files or send real mails. What ministack reads
once is put back afterwards, and so is Python's logging, which ministack configures for everybody.
"""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module

REGION = "eu-west-1"
ACCOUNT = "000000000000"

READ_ONCE = {
    "AUTH": "false",
    "LAMBDA_ACCOUNT_CONCURRENCY": "0",
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
    """Set variables for a while."""
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
def logging_as_it_was() -> Iterator[None]:
    """Undo what an import does to Python's logging, and silence the loggers that it makes."""
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
    """Import ministack with the settings of the laptop cloud."""
    os.environ.update(LASTING)
    with environment(READ_ONCE), logging_as_it_was():
        import_module("ministack.app")
        import_module("ministack.services.cloudformation.provisioners")


def use_gateway_port(port: int) -> None:
    """Tell ministack and the functions on which port the cloud answers."""
    os.environ["GATEWAY_PORT"] = str(port)
