"""Assignments leave for other programs, and come back as drafts to be reviewed."""

import hashlib
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path, PurePosixPath
from typing import Any

from coursewright.adapters.assignments import DynamoAssignments
from coursewright.adapters.blob_store import BlobStore, TextStore
from coursewright.adapters.generations import DynamoGenerations
from coursewright.adapters.table import Table
from coursewright.agents.import_drafts import unfit
from coursewright.domain.assignment import Assignment
from coursewright.domain.errors import ExportImpossible, ImportInvalid
from coursewright.domain.export import Format
from coursewright.domain.lesson import EVENT_DETAIL_TYPE, EVENT_SOURCE
from coursewright.domain.model_call import IMPORTED
from coursewright.exports.export import Progress, export
from coursewright.exports.files import ExportedFile
from coursewright.exports.jsonl import read
from coursewright.exports.names import shared_titles
from coursewright.steps.export_assignments import approved
from local.stack import Laptop

MAX_DRAFTS_PER_REVIEW = 20
MAX_LESSON_CHARS = 300_000  # characters; more would not fit under MaxCallTokens
SHOWN = 5
DEPTH = {Format.NBGRADER: 2}  # folders down to what belongs to one assignment


def approved_on(laptop: Laptop, names: Sequence[str]) -> tuple[Assignment, ...]:
    """Find approved assignments on the laptop cloud. Raises: ExportImpossible."""
    table = Table(laptop.client("dynamodb"), laptop.outputs["TableName"])
    storage, bucket = laptop.client("s3"), laptop.outputs["ContentBucketName"]
    blobs = BlobStore(TextStore(storage, bucket, "bodies", ".json"))
    shelf = DynamoAssignments(table, blobs, storage, bucket)
    return approved(names, assignments=shelf, generations=DynamoGenerations(table))


def write_export(
    assignments: Sequence[Assignment], form: Format, out: Path, *, progress: Progress = iter
) -> list[str]:
    """Write an export into a folder, whole or not at all, and name what is new in it.

    Raises: ExportImpossible.
    """
    files = export(assignments, form, progress=progress)
    is_new = not out.exists()
    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".export-", dir=out) as folder:
            stage = Path(folder)
            _write(_validated(files, form), stage / "new")
            units = _units(stage / "new", DEPTH.get(form, 1))
            _require_free(units, out)
            _swap(units, stage, out)
    except (OSError, ExportImpossible) as error:
        if is_new and out.is_dir() and not any(out.iterdir()):
            out.rmdir()
        if isinstance(error, OSError):
            raise ExportImpossible(f"{out}: {error.strerror}. Nothing was written.") from error
        raise
    return units


def told(assignments: Sequence[Assignment], units: Sequence[str], out: Path) -> str:
    """Say what an export wrote, and whose names were not enough to tell them apart."""
    shown = ", ".join(units[:SHOWN]) + (", …" if len(units) > SHOWN else "")
    lines = [f"{_counted(len(assignments), 'assignment')} written to {out}: {shown}"]
    for title in shared_titles(assignments):
        lines.append(f"Several are called “{title}”: each bears its id as well.")
    return "\n".join(lines)


def read_import(file: Path) -> tuple[Assignment, ...]:
    """Read a file that another installation exported. Raises: ImportInvalid."""
    try:
        assignments = read(file.read_bytes().decode())
    except UnicodeDecodeError as error:
        raise ImportInvalid(f"{file}: it is not UTF-8.") from error
    except OSError as error:
        raise ImportInvalid(f"{file}: {error.strerror}.") from error
    except ImportInvalid as error:
        raise ImportInvalid(f"{file}: {error}.") from error
    for one in assignments:
        if problem := unfit(one):
            raise ImportInvalid(f"{file}: “{one.name}” does not fit: {problem}.")
    return assignments


def import_events(
    assignments: Iterable[Assignment], bucket: str
) -> Iterator[tuple[dict[str, Any], bytes]]:
    """Give, for each review to come, its event and the lesson that the event points to."""
    for (course, module, kind), group in groupby(sorted(assignments, key=_home), key=_home):
        for batch in _batches(list(group)):
            content = b"".join(file.content for file in export(batch, Format.JSONL))
            key = f"uploads/imports/{hashlib.sha256(content).hexdigest()}.jsonl"
            detail = {
                "course": {"id": course, "title": course, "kind": kind},
                "module": {"id": module, "title": module, "s3": {"bucket": bucket, "key": key}},
                "brief": {"tasks_count": len(batch), "models": [IMPORTED]},
            }
            event = {"source": EVENT_SOURCE, "detail-type": EVENT_DETAIL_TYPE, "detail": detail}
            yield event, content


def bring_in(laptop: Laptop, assignments: Sequence[Assignment]) -> str:
    """Start a generation for each review to come, and say what happens now."""
    bucket = laptop.outputs["ContentBucketName"]
    events = list(import_events(assignments, bucket))
    for event, content in events:
        place = event["detail"]["module"]["s3"]
        laptop.client("s3").put_object(Bucket=bucket, Key=place["key"], Body=content)
        laptop.publish(event)
    handed_in = _counted(len(assignments), "assignment")
    return (
        f"{handed_in} handed in: {_counted(len(events), 'review')} will open once they are"
        " verified. What was imported before starts nothing."
    )


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _write(files: Iterable[ExportedFile], folder: Path) -> None:
    for path, pieces in groupby(files, key=lambda file: file.path):
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("wb") as out:
            out.writelines(piece.content for piece in pieces)


def _validated(files: Iterable[ExportedFile], form: Format) -> Iterator[ExportedFile]:
    if form is not Format.NBGRADER:
        yield from files
        return
    try:
        import nbformat
    except ImportError as error:
        sentence = "The format nbgrader needs the extra [nbgrader] (nbformat) to be installed."
        raise ExportImpossible(sentence) from error
    for file in files:
        nbformat.reads(file.content.decode(), as_version=4)  # type: ignore[no-untyped-call]
        yield file


def _units(folder: Path, depth: int) -> list[str]:
    found = sorted(folder.glob("/".join("*" * depth)))
    return [path.relative_to(folder).as_posix() for path in found]


def _require_free(units: Iterable[str], out: Path) -> None:
    """Let an earlier export be replaced, and nothing that somebody else put there."""
    for unit in units:
        name = PurePosixPath(unit).name
        marks = (out / unit / ".meta" / "config.json", out / unit / f"{name}.ipynb")
        if (out / unit).is_dir() and not any(mark.exists() for mark in marks):
            raise ExportImpossible(
                f"{out / unit} is there and is no earlier export. Nothing was written."
            )


def _swap(units: Iterable[str], stage: Path, out: Path) -> None:
    """Put what is new in the place of what is old; if one cannot, all of the old come back."""
    done: list[str] = []
    try:
        for unit in units:
            done.append(unit)
            _move(out / unit, stage / "old" / unit)
            _move(stage / "new" / unit, out / unit)
    except OSError:
        for unit in done:
            if (stage / "old" / unit).exists() or not (stage / "new" / unit).exists():
                _move(out / unit, stage / "undone" / unit)
            _move(stage / "old" / unit, out / unit)
        raise


def _move(source: Path, target: Path) -> None:
    if source.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(source, target)


def _home(one: Assignment) -> tuple[str, str, str]:
    return (one.course, one.module, one.kind.value)


def _batches(assignments: list[Assignment]) -> Iterator[list[Assignment]]:
    batch: list[Assignment] = []
    size = 0
    for one in assignments:
        length = sum(len(file.content) for file in export([one], Format.JSONL))
        if batch and (len(batch) == MAX_DRAFTS_PER_REVIEW or size + length > MAX_LESSON_CHARS):
            yield batch
            batch, size = [], 0
        batch.append(one)
        size += length
    yield batch
