"""Keeps the message catalogues in step with what pages, mails and notices say.

`python -m local.messages` extracts, updates and compiles; what is left to translate is listed.
Babel stays on this side: at run time the standard library reads the compiled files.
"""

import io
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

from coursewright.markup.i18n import LOCALE, SOURCE_LANGUAGE, SUPPORTED_LANGUAGES

PACKAGE = LOCALE.parent.parent
DOMAIN = "coursewright"
SAID = ("title", "text", "next", "means")  # what a person reads of our TOML files
DETAILS = "details"  # the section of a TOML file in which every value is such a text
KEYWORDS = {
    "_": None,
    "N_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "nN_": (1, 2),
    "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}


KEPT = re.compile(r"%\(\w+\)s|%%|\{\w+\}|</?\w[^>]*>")


def extract_toml(
    file: IO[bytes], keywords: object, comment_tags: object, options: object
) -> Iterator[tuple[int, str, str, list[str]]]:
    """Find the texts of a TOML file, as Babel asks its extractors to."""
    for section, texts in tomllib.loads(file.read().decode()).items():
        names = texts if section == DETAILS else SAID
        yield from ((0, "_", texts[name], []) for name in names if texts.get(name))


METHODS: list[tuple[str, Any]] = [
    ("**.py", "python"),
    ("pages/**.html", babel_extract),
    ("pages/**.txt", babel_extract),
    ("pages/**.toml", extract_toml),
]
TEMPLATES = {"trimmed": "true", "newstyle_gettext": "true", "silent": "false"}
OPTIONS = dict.fromkeys(("pages/**.html", "pages/**.txt"), TEMPLATES)


def extracted(folder: Path = PACKAGE) -> Catalog:
    """Return everything that may be said, in the order of the files."""
    catalogue = Catalog(project=DOMAIN, charset="utf-8")
    found = extract_from_dir(folder, METHODS, OPTIONS, KEYWORDS, comment_tags=("i18n:",))
    for name, _, message, comments, context in sorted(found, key=lambda one: one[:2]):
        catalogue.add(
            message,
            locations=[(name, 0)],
            auto_comments=[one.removeprefix("i18n:").strip() for one in comments],
            context=context,
        )
    return catalogue


def translated() -> tuple[str, ...]:
    """Name the languages that have a catalogue."""
    return tuple(language for language in SUPPORTED_LANGUAGES if language != SOURCE_LANGUAGE)


def po_path(language: str) -> Path:
    """Return the place of a catalogue that people edit."""
    return LOCALE / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def stored(language: str) -> Catalog:
    """Read a catalogue that people edit."""
    with po_path(language).open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def updated(language: str, template: Catalog) -> Catalog:
    """Bring a catalogue up to date; what is no longer said goes."""
    catalogue = stored(language) if po_path(language).exists() else Catalog(locale=language)
    catalogue.update(template, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    return catalogue


def compiled(catalogue: Catalog) -> bytes:
    """Return what the standard library reads, the same bytes each time."""
    catalogue.creation_date = catalogue.revision_date = datetime.fromtimestamp(0, UTC)
    file = io.BytesIO()
    write_mo(file, catalogue)
    return file.getvalue()


def faults(catalogue: Catalog) -> Iterator[str]:
    """Say what a catalogue lacks: words, forms of a number, gaps."""
    for message in catalogue:
        if not message.id:
            continue
        strings = message.string if isinstance(message.string, tuple | list) else [message.string]
        if message.fuzzy or not all(strings) or len(strings) < _forms(message.id, catalogue):
            yield f"{catalogue.locale}: no words for {message.id!r}"
        elif any(_placeholders(one) != _placeholders(message.id) for one in strings):
            yield f"{catalogue.locale}: other gaps than in {message.id!r}"


def write(catalogue: Catalog, path: Path) -> None:
    """Write a catalogue and what is compiled of it, the same bytes each time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalogue, width=100, include_lineno=False, ignore_obsolete=True)
    text = path.read_text(encoding="utf-8")
    dated = ('"POT-Creation-Date', '"PO-Revision-Date', '"Generated-By', '"Report-Msgid')
    kept = [line for line in text.splitlines(keepends=True) if not line.startswith(dated)]
    path.write_text("".join(kept), encoding="utf-8")
    path.with_suffix(".mo").write_bytes(compiled(catalogue_at(path)))


def catalogue_at(path: Path) -> Catalog:
    """Read a catalogue from a file."""
    with path.open("rb") as file:
        return read_po(file, locale=path.parent.parent.name, abort_invalid=True)


def _placeholders(message: object) -> set[str]:
    """Return the gaps and marks that every form of a message has to keep."""
    forms = message if isinstance(message, tuple | list) else (message,)
    return {placeholder for form in forms for placeholder in KEPT.findall(str(form))}


def _forms(identifier: object, catalogue: Catalog) -> int:
    return catalogue.num_plurals if isinstance(identifier, tuple | list) else 1


def main() -> int:
    """Extract, update and compile; say what is left to do."""
    template = extracted()
    missing: list[str] = []
    for language in translated():
        write(updated(language, template), po_path(language))
        missing += faults(stored(language))
    return _tell(missing, len(template))


def _tell(missing: Iterable[str], number: int) -> int:
    lines = list(missing)
    print(*lines, f"{number} messages, {len(lines)} faults", sep="\n")
    return bool(lines)


if __name__ == "__main__":
    sys.exit(main())
