"""Packs an export into a single file for download."""

import io
import zipfile
from collections.abc import Iterable
from itertools import groupby

from coursewright.domain.base import Record
from coursewright.domain.export import Format
from coursewright.exports.files import ExportedFile

SINGLE_FILE_MEDIA_TYPES = {Format.MOODLE: "application/xml", Format.JSONL: "application/jsonl"}
FIXED_TIMESTAMP = (1980, 1, 1, 0, 0, 0)  # fixed, so that the same content gives the same archive


class Download(Record):
    """A file to download."""

    name: str
    content: bytes
    media_type: str


def download(files: Iterable[ExportedFile], form: Format) -> Download:
    """Return an export's only file, or a ZIP archive of its folders."""
    chunks = groupby(files, key=lambda file: file.path)
    complete = ((path, b"".join(chunk.content for chunk in group)) for path, group in chunks)
    if form in SINGLE_FILE_MEDIA_TYPES:
        ((name, content),) = complete
        return Download(name=name, content=content, media_type=SINGLE_FILE_MEDIA_TYPES[form])
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in complete:
            info = zipfile.ZipInfo(path, FIXED_TIMESTAMP)
            archive.writestr(info, content, zipfile.ZIP_DEFLATED)
    return Download(name=f"{form}.zip", content=buffer.getvalue(), media_type="application/zip")
