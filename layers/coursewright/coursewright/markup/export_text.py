"""Phrases the reasons why nothing was exported in the reader's language."""

from collections.abc import Iterable

from coursewright.domain.export_problem import ExportProblem, ExportProblemCode
from coursewright.markup.i18n import N_, _

SENTENCES = {
    ExportProblemCode.NOTHING_TO_EXPORT: N_("There is nothing to export."),
    ExportProblemCode.UNKNOWN_FORMAT: N_(
        "There is no format “%(format)s”; choose one of %(formats)s."
    ),
    ExportProblemCode.UNKNOWN_NAME: N_(
        "“%(name)s” is neither an approved assignment nor a generation."
    ),
    ExportProblemCode.MODULE_NOT_APPROVED: N_(
        "%(name)s: no assignments of this module have been approved."
    ),
    ExportProblemCode.GENERATION_NOT_APPROVED: N_(
        "%(name)s: no assignments of this generation have been approved."
    ),
    ExportProblemCode.NOT_APPROVED: N_("it has not been approved yet."),
    ExportProblemCode.FILE_NAME_INVALID: N_(
        "the file name “%(file_name)s” is not valid on every system."
    ),
    ExportProblemCode.TESTS_UNREADABLE: N_("its tests cannot be parsed: %(error)s."),
    ExportProblemCode.NO_TESTS: N_("its tests contain no unittest test methods."),
    ExportProblemCode.CODE_UNREADABLE: N_("its code cannot be parsed: %(error)s."),
    ExportProblemCode.NOTHING_DEFINED: N_("its solution defines no function or class."),
    ExportProblemCode.NOT_JSON: N_("it cannot be serialised as JSON: %(error)s."),
    ExportProblemCode.SQL_UNSUPPORTED: N_("it is SQL, and nbgrader supports only Python."),
    ExportProblemCode.MARKER_INSIDE: N_("it contains one of nbgrader’s own markers."),
    ExportProblemCode.CHARACTER_FORBIDDEN: N_(
        "line %(line)s of its %(part)s contains %(character)s, which is not allowed in XML."
    ),
    ExportProblemCode.LONE_SURROGATE: N_("it contains a lone surrogate character."),
    ExportProblemCode.NOT_WRITTEN: N_("%(path)s: %(error)s. Nothing was written."),
    ExportProblemCode.FOREIGN_FOLDER: N_(
        "%(path)s already exists and is not from an earlier export. Nothing was written."
    ),
    ExportProblemCode.EXTRA_MISSING: N_(
        "The nbgrader format requires the [nbgrader] extra (nbformat)."
    ),
}


def export_problem_text(problem: ExportProblem) -> str:
    """Return a problem as a single sentence.

    It starts with the assignment's title if there is one.
    """
    sentence = _(SENTENCES[problem.code], **problem.params)
    if not problem.title:
        return sentence
    return _(
        "“%(title)s” cannot be exported as %(format)s: %(reason)s",
        title=problem.title,
        format=problem.format,
        reason=sentence,
    )


def export_problems_text(problems: Iterable[ExportProblem]) -> str:
    """Return problems as sentences, one per line."""
    return "\n".join(map(export_problem_text, problems))
