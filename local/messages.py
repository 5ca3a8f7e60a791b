"""Updates the message catalogues with the texts in pages, emails and notifications.

`python -m local.messages` extracts, updates and compiles them, and lists missing translations.
Only this module uses Babel: at run time the standard library reads the compiled files.
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
TOML_TEXTS = ("title", "text", "next", "means")  # translatable keys in our TOML files
DETAILS = "details"  # the section of a TOML file in which every value is translatable
KEYWORDS = {
    "_": None,
    "N_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "nN_": (1, 2),
    "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
PLACEHOLDERS = re.compile(r"%\(\w+\)s|%%|\{\w+\}|</?\w[^>]*>")


def extract_toml(
    file: IO[bytes], keywords: object, comment_tags: object, options: object
) -> Iterator[tuple[int, str, str, list[str]]]:
    """Yield a TOML file's translatable texts, as required of a Babel extractor."""
    for section, texts in tomllib.loads(file.read().decode()).items():
        names = texts if section == DETAILS else TOML_TEXTS
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
    """Return all translatable messages, in the order of the files."""
    catalogue = Catalog(project=DOMAIN, charset="utf-8")
    messages = extract_from_dir(folder, METHODS, OPTIONS, KEYWORDS, comment_tags=("i18n:",))
    for name, _, message, comments, context in sorted(messages, key=lambda row: row[:2]):
        catalogue.add(
            message,
            locations=[(name, 0)],
            auto_comments=[comment.removeprefix("i18n:").strip() for comment in comments],
            context=context,
        )
    return catalogue


def translated() -> tuple[str, ...]:
    """Return the languages with a catalogue."""
    return tuple(language for language in SUPPORTED_LANGUAGES if language != SOURCE_LANGUAGE)


def po_path(language: str) -> Path:
    """Return the path of a language's editable catalogue."""
    return LOCALE / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def stored(language: str) -> Catalog:
    """Read a language's editable catalogue."""
    with po_path(language).open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def updated(language: str, template: Catalog) -> Catalog:
    """Return a catalogue with all current messages and no obsolete ones."""
    catalogue = stored(language) if po_path(language).exists() else Catalog(locale=language)
    catalogue.update(template, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    return catalogue


def compiled(catalogue: Catalog) -> bytes:
    """Return a reproducible compiled catalogue in the standard library's format."""
    catalogue.creation_date = catalogue.revision_date = datetime.fromtimestamp(0, UTC)
    file = io.BytesIO()
    write_mo(file, catalogue)
    return file.getvalue()


def faults(catalogue: Catalog) -> Iterator[str]:
    """Yield a catalogue's faults: missing translations, plural forms or placeholders."""
    for message in catalogue:
        if not message.id:
            continue
        strings = message.string if isinstance(message.string, tuple | list) else [message.string]
        if message.fuzzy or not all(strings) or len(strings) < _forms(message.id, catalogue):
            yield f"{catalogue.locale}: no translation of {message.id!r}"
        elif any(_placeholders(string) != _placeholders(message.id) for string in strings):
            yield f"{catalogue.locale}: placeholders differ from {message.id!r}"


def write(catalogue: Catalog, path: Path) -> None:
    """Reproducibly write an editable catalogue and its compiled form."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalogue, width=100, include_lineno=False, ignore_obsolete=True)
    text = path.read_text(encoding="utf-8")
    date_headers = ('"POT-Creation-Date', '"PO-Revision-Date', '"Generated-By', '"Report-Msgid')
    lines = text.splitlines(keepends=True)
    undated = [line for line in lines if not line.startswith(date_headers)]
    path.write_text("".join(undated), encoding="utf-8")
    path.with_suffix(".mo").write_bytes(compiled(catalogue_at(path)))


def catalogue_at(path: Path) -> Catalog:
    """Read a catalogue from a file."""
    with path.open("rb") as file:
        return read_po(file, locale=path.parent.parent.name, abort_invalid=True)


def _placeholders(message: object) -> set[str]:
    """Return the placeholders and tags that all forms of a message must contain."""
    forms = message if isinstance(message, tuple | list) else (message,)
    return {placeholder for form in forms for placeholder in PLACEHOLDERS.findall(str(form))}


def _forms(identifier: object, catalogue: Catalog) -> int:
    return catalogue.num_plurals if isinstance(identifier, tuple | list) else 1


def main() -> int:
    """Extract, update and compile the catalogues; print what is missing."""
    template = extracted()
    missing: list[str] = []
    for language in translated():
        write(updated(language, template), po_path(language))
        missing += faults(stored(language))
    return _print_faults(missing, len(template))


def _print_faults(faults: Iterable[str], number: int) -> int:
    lines = list(faults)
    print(*lines, f"{number} messages, {len(lines)} faults", sep="\n")
    return bool(lines)


if __name__ == "__main__":
    sys.exit(main())
