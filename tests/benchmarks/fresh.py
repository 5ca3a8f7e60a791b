"""Starts a function in a fresh interpreter that sees only its layers."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from tests.benchmarks import layers

HERE = Path(__file__).parent
INTERPRETER: str = getattr(sys, "_base_executable", sys.executable)
SECONDS = 300
RUNTIME = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_SESSION_TOKEN": "testing",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_REGION": "eu-west-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_LAMBDA_FUNCTION_NAME": "cold-start",
    "POWERTOOLS_SERVICE_NAME": "coursewright",
    "LANGSMITH_TRACING": "false",
    "PYTHONDONTWRITEBYTECODE": "1",
}


class Fresh(BaseModel):
    """Cost of one import and call, including a function's worker processes."""

    import_seconds: float
    call_seconds: float
    import_computing: float
    call_computing: float
    peak_megabytes: float
    modules: int
    loaded: tuple[str, ...]
    problem: str

    @property
    def computing(self) -> float:
        """The CPU time, which hardly depends on how busy the machine is."""
        return self.import_computing + self.call_computing

    @property
    def seconds(self) -> float:
        """The wall-clock time."""
        return self.import_seconds + self.call_seconds


@dataclass(frozen=True)
class Job:
    """One module to import and call, with its path and environment."""

    module: str
    folders: Sequence[Path]
    event: Any = None
    is_called: bool = True
    environment: Mapping[str, str] = field(default_factory=dict)
    besides: Sequence[str] = ()  # lazily imported modules


def function_job(function: str, event: Any, environment: Mapping[str, str]) -> Job:
    """Return the job that runs a function with its built layers."""
    given = {**environment, **_image(function)}
    return Job("app", _folders(function), event, environment=given)


def import_job(function: str, module: str = "app", *besides: str) -> Job:
    """Return a job that only imports a function or one of its lazily imported modules."""
    return Job(module, _folders(function), besides=besides, is_called=False)


def bare_job(name: str) -> Job:
    """Return the job that runs a baseline module in `bare` with the installed packages."""
    own = {"anthropic_agent": ["AnthropicLayer"], "google_agent": ["GoogleLayer"]}.get(name, [])
    names = ["CoreLayer", *(["LlmLayer"] if name.endswith("_agent") else []), *own]
    built = [layers.built(layer, pruned=False) / "python" for layer in names]
    return Job(name, [HERE / "bare", *built])


def with_layers(job: Job, names: Sequence[str]) -> Job:
    """Return the same job with optional layers added."""
    added = [layers.built(layer) / "python" for layer in names]
    return replace(job, folders=[*job.folders, *added])


def without_byte_code(job: Job) -> Job:
    """Return the same job without bytecode, so that every module is compiled."""
    return replace(job, folders=[_source(folder) for folder in job.folders])


def import_times(job: Job) -> str:
    """Return the output of `-X importtime` for the job's import."""
    program = f"import sys; sys.path[:0] = {[str(folder) for folder in job.folders]!r}; import "
    done = subprocess.run(
        [INTERPRETER, "-S", "-X", "importtime", "-c", program + job.module],
        env={"PATH": os.environ["PATH"], **RUNTIME, **job.environment},
        capture_output=True,
        check=True,
        text=True,
    )
    return done.stderr


def run(job: Job) -> Fresh:
    """Run a job in a fresh interpreter. Raises: RuntimeError if it fails."""
    reading, writing = os.pipe()
    child = subprocess.Popen(
        [INTERPRETER, "-S", HERE / "fresh_child.py", str(writing)],
        env={"PATH": os.environ["PATH"], **RUNTIME, **job.environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        pass_fds=[writing],
    )
    os.close(writing)
    request = {
        "path": [str(folder) for folder in job.folders],
        "modules": [job.module, *job.besides],
        "event": job.event,
        "is_called": job.is_called,
    }
    with os.fdopen(reading, "rb") as answer:
        _, errors = child.communicate(json.dumps(request).encode(), SECONDS)
        found = answer.read()
    if child.returncode or not found:
        raise RuntimeError(f"{job.module}: {errors.decode()[-2000:]}")
    return Fresh.model_validate_json(found)


def _folders(function: str) -> list[Path]:
    built = [layers.built(layer) / "python" for layer in layers.layers_of(function)]
    return [layers.ROOT / "functions" / function, *built]


def _image(function: str) -> dict[str, str]:
    if "SandboxLayer" not in layers.layers_of(function):
        return {}
    return {"SANDBOX_IMAGE": str(layers.built("SandboxLayer") / "sandbox" / "image.bin")}


def _source(folder: Path) -> Path:
    is_layer = folder.is_relative_to(layers.BUILT)
    return layers.sources_only(folder.parent) / folder.name if is_layer else folder
