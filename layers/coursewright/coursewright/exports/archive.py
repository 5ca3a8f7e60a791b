"""Puts an export into one file that can be downloaded."""

import io
import zipfile
from collections.abc import Iterable
from itertools import groupby

from coursewright.domain.base import Record
from coursewright.domain.export import Format
from coursewright.exports.files import ExportedFile

SINGLE = {Format.MOODLE: "application/xml", Format.JSONL: "application/jsonl"}
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the same content gives the same archive


class Download(Record):
    """A file's name and content."""

    name: str
    content: bytes
    media_type: str


def download(files: Iterable[ExportedFile], form: Format) -> Download:
    """Return the one file of an export, or an archive of its folders."""
    pieces = groupby(files, key=lambda file: file.path)
    whole = ((path, b"".join(each.content for each in group)) for path, group in pieces)
    if form in SINGLE:
        ((name, content),) = whole
        return Download(name=name, content=content, media_type=SINGLE[form])
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in whole:
            archive.writestr(zipfile.ZipInfo(path, LONG_AGO), content, zipfile.ZIP_DEFLATED)
    return Download(name=f"{form}.zip", content=memory.getvalue(), media_type="application/zip")
