"""Exports approved assignments for other programs and imports them as drafts to be reviewed."""

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
from coursewright.domain.assignment import Assignment
from coursewright.domain.errors import ExportImpossible, ImportInvalid
from coursewright.domain.export import Format
from coursewright.domain.export_problem import ExportProblemCode
from coursewright.domain.lesson import EVENT_DETAIL_TYPE, EVENT_SOURCE
from coursewright.domain.model_call import IMPORTED
from coursewright.exports.export import Progress, export
from coursewright.exports.files import ExportedFile
from coursewright.exports.jsonl import read
from coursewright.exports.names import shared_titles
from coursewright.steps.export_assignments import approved
from coursewright.steps.import_drafts import validation_error
from local.stack import DeployedStack

MAX_DRAFTS_PER_REVIEW = 20
MAX_LESSON_CHARS = 300_000  # longer lessons would exceed the template's MaxCallTokens
MAX_LISTED_UNITS = 5
UNIT_DEPTH = {Format.NBGRADER: 2}  # folder levels above an assignment's files; default 1


def find_approved(stack: DeployedStack, names: Sequence[str]) -> tuple[Assignment, ...]:
    """Return the laptop cloud's approved assignments by name. Raises: ExportImpossible."""
    table = Table(stack.client("dynamodb"), stack.outputs["TableName"])
    storage, bucket = stack.client("s3"), stack.outputs["ContentBucketName"]
    blobs = BlobStore(TextStore(storage, bucket, "bodies", ".json"))
    stored = DynamoAssignments(table, blobs, storage, bucket)
    return approved(names, assignments=stored, generations=DynamoGenerations(table))


def write_export(
    assignments: Sequence[Assignment], form: Format, out: Path, *, progress: Progress = iter
) -> list[str]:
    """Write an export to a folder, completely or not at all, and return its units' names.

    Raises: ExportImpossible.
    """
    files = export(assignments, form, progress=progress)
    is_new = not out.exists()
    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".export-", dir=out) as folder:
            workspace = Path(folder)
            _write_files(_validated(files, form), workspace / "new")
            units = _list_units(workspace / "new", UNIT_DEPTH.get(form, 1))
            _require_replaceable(units, out)
            _swap(units, workspace, out)
    except (OSError, ExportImpossible) as error:
        if is_new and out.is_dir() and not any(out.iterdir()):
            out.rmdir()
        if isinstance(error, OSError):
            code, reason = ExportProblemCode.NOT_WRITTEN, error.strerror or ""
            raise ExportImpossible.because(code, path=str(out), error=reason) from error
        raise
    return units


def export_summary(assignments: Sequence[Assignment], units: Sequence[str], out: Path) -> str:
    """Return a summary of an export, including titles shared by several assignments."""
    listed = ", ".join(units[:MAX_LISTED_UNITS]) + (", …" if len(units) > MAX_LISTED_UNITS else "")
    lines = [f"{_counted(len(assignments), 'assignment')} written to {out}: {listed}"]
    for title in shared_titles(assignments):
        lines.append(f"Several assignments are called “{title}”; use their IDs to tell them apart.")
    return "\n".join(lines)


def read_import(file: Path) -> tuple[Assignment, ...]:
    """Read assignments exported by another installation. Raises: ImportInvalid."""
    try:
        assignments = read(file.read_bytes().decode())
    except UnicodeDecodeError as error:
        raise ImportInvalid(f"{file}: not encoded in UTF-8.") from error
    except OSError as error:
        raise ImportInvalid(f"{file}: {error.strerror}.") from error
    except ImportInvalid as error:
        raise ImportInvalid(f"{file}: {error}.") from error
    for assignment in assignments:
        if problem := validation_error(assignment):
            raise ImportInvalid(f"{file}: “{assignment.name}” cannot be imported: {problem}.")
    return assignments


def import_events(
    assignments: Iterable[Assignment], bucket: str
) -> Iterator[tuple[dict[str, Any], bytes]]:
    """For each review that the import will open, yield an event and the lesson it refers to."""
    for (course, module, kind), group in groupby(
        sorted(assignments, key=_module_key), key=_module_key
    ):
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


def import_assignments(stack: DeployedStack, assignments: Sequence[Assignment]) -> str:
    """Start a generation for each review that the import opens and return a summary."""
    bucket = stack.outputs["ContentBucketName"]
    events = list(import_events(assignments, bucket))
    for event, content in events:
        key = event["detail"]["module"]["s3"]["key"]
        stack.client("s3").put_object(Bucket=bucket, Key=key, Body=content)
        stack.publish(event)
    return (
        f"{_counted(len(assignments), 'assignment')} imported; after verification,"
        f" {_counted(len(events), 'review')} will open. Assignments that were imported before"
        " do not start a new review."
    )


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _write_files(files: Iterable[ExportedFile], folder: Path) -> None:
    for path, pieces in groupby(files, key=lambda file: file.path):
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as out:
            out.writelines(piece.content for piece in pieces)


def _validated(files: Iterable[ExportedFile], form: Format) -> Iterator[ExportedFile]:
    if form is not Format.NBGRADER:
        yield from files
        return
    try:
        import nbformat
    except ImportError as error:
        raise ExportImpossible.because(ExportProblemCode.EXTRA_MISSING) from error
    for file in files:
        nbformat.reads(file.content.decode(), as_version=4)  # type: ignore[no-untyped-call]
        yield file


def _list_units(folder: Path, depth: int) -> list[str]:
    paths = sorted(folder.glob("/".join("*" * depth)))
    return [path.relative_to(folder).as_posix() for path in paths]


def _require_replaceable(units: Iterable[str], out: Path) -> None:
    """Raise an error unless every existing unit comes from an earlier export."""
    for unit in units:
        name = PurePosixPath(unit).name
        own_files = (out / unit / ".meta" / "config.json", out / unit / f"{name}.ipynb")
        if (out / unit).is_dir() and not any(file.exists() for file in own_files):
            code = ExportProblemCode.FOREIGN_FOLDER
            raise ExportImpossible.because(code, path=str(out / unit))


def _swap(units: Iterable[str], workspace: Path, out: Path) -> None:
    """Replace existing units with new ones; restore all of them if one cannot be replaced."""
    done: list[str] = []
    try:
        for unit in units:
            done.append(unit)
            _move(out / unit, workspace / "old" / unit)
            _move(workspace / "new" / unit, out / unit)
    except OSError:
        for unit in done:
            if (workspace / "old" / unit).exists() or not (workspace / "new" / unit).exists():
                _move(out / unit, workspace / "undone" / unit)
            _move(workspace / "old" / unit, out / unit)
        raise


def _move(source: Path, target: Path) -> None:
    if source.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(source, target)


def _module_key(assignment: Assignment) -> tuple[str, str, str]:
    return (assignment.course, assignment.module, assignment.kind.value)


def _batches(assignments: list[Assignment]) -> Iterator[list[Assignment]]:
    batch: list[Assignment] = []
    size = 0
    for assignment in assignments:
        length = sum(len(file.content) for file in export([assignment], Format.JSONL))
        if batch and (len(batch) == MAX_DRAFTS_PER_REVIEW or size + length > MAX_LESSON_CHARS):
            yield batch
            batch, size = [], 0
        batch.append(assignment)
        size += length
    yield batch
