"""The child process in which untrusted code runs: it owns nothing and may be killed at any time.

Started as a script with an empty environment. For SQL it imports the few modules that run here;
what Python needs is in its image.
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
    "read": "_source_reader.read",
    "mutate": "_mutants.vary",
    "negate": "_assertion_negation.negate",
    "examine": "_expected_value_mutation.examine",
    "probe_variant": "_differential_fuzzing.probe",
    "behave": "_differential_fuzzing.behave",
    "compare": "_differential_guest.compare",
    "reorder": "_hash_order.reorder",
    "run": "_guest_test_runner.answer",
}
MEGABYTE = 1 << 20
OPEN_FILES = 64
SQL_MEMORY = 1024 * MEGABYTE
FILE_SYSTEM = 4 * MEGABYTE


def read_message(stream: BinaryIO) -> Message | None:
    """Read one framed message, or nothing once the other side is gone."""
    header = stream.read(4)
    if len(header) < 4:
        return None
    message: Message = json.loads(stream.read(struct.unpack("<I", header)[0]))
    return message


def write_message(stream: BinaryIO, message: Message) -> None:
    """Write one framed message."""
    body = json.dumps(message).encode()
    stream.write(struct.pack("<I", len(body)) + body)
    stream.flush()


def python_runner(image: str) -> Callable[[Message], Message]:
    """Load the prepared image and run each job in a fresh instance of it."""
    import eryx

    factory = eryx.SandboxFactory.load(image)

    def run(job: Message) -> Message:
        limits = eryx.ResourceLimits(
            execution_timeout_ms=job["milliseconds"],
            max_memory_bytes=job["memory_mb"] * MEGABYTE,
            max_callback_invocations=0,
            max_vfs_bytes=FILE_SYSTEM,
        )
        try:
            instance = factory.create_sandbox(resource_limits=limits)
            raw = instance.execute(_python_call(job)).result
        except eryx.TimeoutError:
            return {"status": "timed_out"}
        except eryx.ResourceLimitError:
            return {"status": "out_of_memory"}
        except eryx.EryxError as error:
            is_memory = str(error).rstrip().endswith("MemoryError")
            return {"status": "out_of_memory" if is_memory else "ended_early"}
        return {"status": "finished", "raw": raw if isinstance(raw, str) else ""}

    return run


def _python_call(job: Message) -> str:
    if job["action"] == "probe":
        return "result = _fingerprint"
    function = GUEST_FUNCTIONS[job["action"]]
    payload = json.dumps(job["payload"])
    return f"import json\nresult = {function}(json.loads({payload!r}))"


def sql_runner() -> Callable[[Message], Message]:
    """Run each job with databases of its own, with a lid on the whole process."""
    sys.path.append(str(Path(__file__).parents[3]))
    from coursewright.verification.sql import (
        differential,
        engine,
        mutants,
        mutation_run,
        query_reader,
    )

    jobs = {
        "query": engine.answer,
        "read": query_reader.answer,
        "mutate": mutants.answer,
        "weigh": mutation_run.answer,
        "compare": differential.answer,
    }
    resource.setrlimit(resource.RLIMIT_AS, (SQL_MEMORY, SQL_MEMORY))

    def run(job: Message) -> Message:
        if job["action"] == "probe":
            return {"status": "finished", "raw": "sql"}
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


def _close_standard_streams() -> None:
    """Cut the standard streams: the interpreter inside the sandbox is wired to them."""
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)


def main(kind: str, site: str, image: str, inbox: str, outbox: str) -> None:
    """Serve jobs until the parent closes the pipe."""
    _close_standard_streams()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))
    sys.path.append(site)
    run = _runner(kind, image)
    with os.fdopen(int(inbox), "rb") as jobs, os.fdopen(int(outbox), "wb") as answers:
        while (job := read_message(jobs)) is not None:
            write_message(answers, run(job))


if __name__ == "__main__":
    main(*sys.argv[1:])
