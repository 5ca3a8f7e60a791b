"""Deployment size of each function with its layers, compared with the limit and unpruned."""

import hashlib
import tempfile
import zipfile
from pathlib import Path

from tests.benchmarks import fresh, layers
from tests.benchmarks.cold import job_of
from tests.benchmarks.layers import ARM64, X86_64
from tests.benchmarks.recorded_run import recorded
from tests.benchmarks.replay import Replay
from tests.benchmarks.report import Figure, Report

LIMIT, LLM = 250, 115  # megabytes, unzipped
LEFT_OUT = ("numpy", "zstandard")
PORTABLE = ("CoreLayer", "LlmLayer", "AnthropicLayer", "GoogleLayer")
LAYERS = ("CoursewrightLayer", *PORTABLE, "SandboxLayer")


def run() -> Report:
    """Build all layers for both processors, pruned and unpruned, and measure their sizes."""
    return Report(
        part="package",
        figures=[*_layers(), *_functions(), _llm(X86_64), _llm(ARM64), *_left_out()],
        ratios=_saved(),
        details={"layers on arm64": [_on_arm(name) for name in PORTABLE]},
    )


def _layers() -> list[Figure]:
    return [
        Figure(
            name=f"layer {name}, unzipped",
            value=f"{_megabytes(name):.1f} MB, zipped {_zipped(layers.built(name)):.1f} MB",
        )
        for name in LAYERS
    ]


def _functions() -> list[Figure]:
    """Return one figure per set of layers, because a function's own code is negligible."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for function in layers.functions():
        groups.setdefault(_all_layers(function), []).append(function)
    return [_group(names, functions) for names, functions in groups.items()]


def _group(names: tuple[str, ...], functions: list[str]) -> Figure:
    own = max(layers.size([layers.ROOT / "functions" / function]) for function in functions) / 1e6
    whole = sum(_megabytes(name) for name in names) + own
    plain = sum(_megabytes(name, pruned=False) for name in names) + own
    zipped = sum(_zipped(layers.built(name)) for name in names)
    who = functions[0] if len(functions) == 1 else f"{len(functions)} like {functions[0]}"
    return Figure(
        name=f"{who}, unzipped with all possible layers",
        value=f"{whole:.1f} MB ({whole / plain:.2f} of unpruned {plain:.1f}), zipped {zipped:.1f}",
        must_be=f"< {LIMIT} MB",
        holds=whole < LIMIT,
    )


def _all_layers(function: str) -> tuple[str, ...]:
    """Return a function's layers, including those that a deployment can add."""
    certain = layers.layers_of(function)
    return (*certain, "AnthropicLayer", "GoogleLayer") if "LlmLayer" in certain else certain


def _llm(platform: str) -> Figure:
    size = layers.size([layers.built("LlmLayer", platform)]) / 1e6
    return Figure(
        name=f"LLM layer with bytecode, {platform.partition('-')[0]}",
        value=f"{size:.1f} MB, {_machine(platform)}",
        must_be=f"≤ {LLM} MB",
        holds=size <= LLM,
    )


def _machine(platform: str) -> str:
    """Count the libraries built for this processor and those for others."""
    wanted = platform.partition("-")[0]
    names = [file.name for file in layers.built("LlmLayer", platform).rglob("*.cpython-*.so")]
    foreign = sum(wanted not in name for name in names)
    return f"{len(names)} libraries, {foreign} for other processors"


def _left_out() -> list[Figure]:
    """Check that all agents and providers work without the pruned packages."""
    with Replay(recorded("typical")) as replay:
        agents = [name for name, run in replay.recording.runs.items() if run.model_answers]
        failed, loaded = [], set()
        for name in agents:
            replay.begin(replay.recording.runs[name])
            done = fresh.run(job_of(replay, name))
            failed += [f"{name}: {done.problem.splitlines()[-1]}"] if done.problem else []
            loaded |= set(done.loaded)
    there = [name for name in LEFT_OUT if any(_has(layer, name) for layer in PORTABLE)]
    return [
        Figure(
            name=f"{' and '.join(LEFT_OUT)} in the layers",
            value=", ".join(there) or "none",
            must_be="none",
            holds=not there,
        ),
        Figure(
            name=f"calls of {len(agents)} agents and providers without them",
            value="; ".join(failed) or "all succeed",
            must_be="all succeed",
            holds=bool(agents) and not failed and not loaded & set(LEFT_OUT),
        ),
    ]


def _has(layer: str, package: str) -> bool:
    return (layers.built(layer) / "python" / package).exists()


def _saved() -> dict[str, float]:
    return {
        f"{name}, pruned ÷ unpruned": _megabytes(name) / _megabytes(name, pruned=False)
        for name in PORTABLE
    }


def _on_arm(name: str) -> str:
    return f"{name}: {layers.size([layers.built(name, ARM64)]) / 1e6:.1f} MB"


def _megabytes(layer: str, *, pruned: bool = True) -> float:
    """Return the size in MB; layers that are never pruned have no unpruned variant."""
    return layers.size([layers.built(layer, pruned=pruned or layer not in PORTABLE)]) / 1e6


def _zipped(folder: Path) -> float:
    """Return the zipped size in MB, cached by content."""
    stamp = folder.with_suffix(".made-of").read_bytes()
    cached = folder.with_suffix(f".{hashlib.sha256(stamp).hexdigest()[:12]}.zipped")
    if not cached.exists():
        with tempfile.NamedTemporaryFile(suffix=".zip") as out:
            with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
                for file in folder.rglob("*"):
                    archive.write(file, file.relative_to(folder))
            cached.write_text(str(Path(out.name).stat().st_size), "ascii")
    return int(cached.read_text("ascii")) / 1e6
