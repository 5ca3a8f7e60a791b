"""The child process that runs untrusted code; it holds no state and can be killed at any time.

It is started as a script with an empty environment. For SQL it imports those of our modules that
run here; for Python, everything is in the image.
"""

import json
import os
import resource
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

Message = dict[str, Any]
GUEST_FUNCTIONS = {
    "handshake": "_handshake",
    "read": "_source_reader.read",
    "mutate": "_mutants.mutate",
    "negate": "_assertion_negation.negate",
    "mutate_expected": "_expected_value_mutation.mutate_expected",
    "fuzz": "_differential_fuzzing.fuzz",
    "observe": "_differential_fuzzing.observe",
    "compare": "_differential_guest.compare",
    "check_examples": "_example_runner.check_examples",
    "review": "_draft_review.review",
    "find_changed_arguments": "_argument_changes.find_changed_arguments",
    "run_tests": "_guest_test_runner.run_tests",
}
# An exception or a trap in the guest; other errors come from the machine.
RAISED_BY_CODE = (
    "Traceback (most recent call last)",
    "WASM execution error: error while executing at wasm backtrace",
)
MEGABYTE = 1 << 20
MAX_OPEN_FILES = 64
MAX_SQL_MEMORY_BYTES = 1024 * MEGABYTE
MAX_FILE_SYSTEM_BYTES = 4 * MEGABYTE
# In the worker's own folder; the interpreter reports here why it aborts.
ERRORS_FILE = "stderr.txt"
MAX_FILE_BYTES = 128 * MEGABYTE  # the interpreter keeps its memory image in a file


def read_message(stream: BinaryIO) -> Message | None:
    """Read one length-prefixed message, or None if the other end is closed."""
    header = stream.read(4)
    if len(header) < 4:
        return None
    message: Message = json.loads(stream.read(struct.unpack("<I", header)[0]))
    return message


def write_message(stream: BinaryIO, message: Message) -> None:
    """Write one length-prefixed message."""
    body = json.dumps(message).encode()
    stream.write(struct.pack("<I", len(body)) + body)
    stream.flush()


def python_runner(image: str) -> Callable[[Message], Message]:
    """Return a runner that gives each job a fresh instance of the image.

    Errors that do not follow from the code alone, such as a timeout, end the worker.
    """
    import eryx

    factory = eryx.SandboxFactory.load(image)

    def run(job: Message) -> Message:
        limits = eryx.ResourceLimits(
            execution_timeout_ms=job["milliseconds"],
            max_memory_bytes=job["memory_mb"] * MEGABYTE,
            max_fuel=job["max_fuel"],
            max_callback_invocations=0,
            max_vfs_bytes=MAX_FILE_SYSTEM_BYTES,
        )
        session = factory.create_session(resource_limits=limits, result_variable="result")
        # Code under test could read the text of its own call, so the payload comes before it.
        session.execute(_store_payload(job))
        try:
            result = session.execute(_python_call(job))
        except (eryx.ResourceLimitError, eryx.ExecutionError) as error:
            return {"status": _status(error)}
        raw = result.result if isinstance(result.result, str) else ""
        return {"status": "finished", "raw": raw, "fuel": result.fuel_consumed or 0}

    return run


def _status(error: Exception) -> str:
    """Return how the code ended.

    Raises:
        Exception: the error itself, if the code did not cause it.
    """
    message = str(error).strip()
    if message.startswith("execution ran out of fuel"):
        return "timed_out"
    if not message.startswith(RAISED_BY_CODE):
        raise error
    return "out_of_memory" if message.endswith("MemoryError") else "ended_early"


def _store_payload(job: Message) -> str:
    return f"import json\n_payload = json.loads({json.dumps(job['payload'])!r})"


def _python_call(job: Message) -> str:
    return f"result = {GUEST_FUNCTIONS[job['action']]}(globals().pop('_payload'))"


def sql_runner() -> Callable[[Message], Message]:
    """Return a runner that gives each job its own databases, in a process with limited memory."""
    sys.path.append(str(Path(__file__).parents[3]))
    from coursewright.verification.sql import (
        dataset_run,
        differential,
        example_tables,
        mutation_run,
        query_reader,
        variations,
    )

    jobs = {
        "handshake": lambda payload: json.dumps({"nonce": payload["nonce"], "guest": "sql"}),
        "query": dataset_run.query,
        "read": query_reader.read,
        "vary": variations.vary,
        "mutate": mutation_run.mutate,
        "compare": differential.compare,
        "check_examples": example_tables.check_examples,
    }
    resource.setrlimit(resource.RLIMIT_AS, (MAX_SQL_MEMORY_BYTES, MAX_SQL_MEMORY_BYTES))

    def run(job: Message) -> Message:
        try:
            raw = jobs[job["action"]](job["payload"])
        except MemoryError:
            return {"status": "out_of_memory"}
        except RecursionError:
            return {"status": "ended_early"}
        return {"status": "finished", "raw": raw}

    return run


def _runner(kind: str, image: str) -> Callable[[Message], Message]:
    return python_runner(image) if kind == "python" else sql_runner()


def _redirect_standard_streams() -> None:
    """Redirect the standard streams, since the sandboxed interpreter inherits them."""
    null = os.open(os.devnull, os.O_RDWR)
    errors = os.open(ERRORS_FILE, os.O_WRONLY | os.O_CREAT | os.O_APPEND, mode=0o600)
    for descriptor, target in enumerate((null, null, errors)):
        os.dup2(target, descriptor)
    resource.setrlimit(resource.RLIMIT_FSIZE, (MAX_FILE_BYTES, MAX_FILE_BYTES))


def main(kind: str, site: str, image: str, inbox: str, outbox: str) -> None:
    """Run jobs until the parent closes the pipe."""
    _redirect_standard_streams()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (MAX_OPEN_FILES, MAX_OPEN_FILES))
    sys.path.append(site)
    run = _runner(kind, image)
    with os.fdopen(int(inbox), "rb") as jobs, os.fdopen(int(outbox), "wb") as replies:
        while (job := read_message(jobs)) is not None:
            os.ftruncate(2, 0)
            write_message(replies, run(job))


if __name__ == "__main__":
    main(*sys.argv[1:])
