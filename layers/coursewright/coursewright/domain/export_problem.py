"""Codes for the reasons why nothing was exported; pages and commands phrase them."""

from collections.abc import Mapping
from enum import StrEnum

from pydantic import Field

from coursewright.domain.base import Record


class ExportProblemCode(StrEnum):
    """The reason why an assignment cannot be exported, or why the whole export is impossible."""

    NOTHING_TO_EXPORT = "nothing_to_export"
    UNKNOWN_FORMAT = "unknown_format"
    UNKNOWN_NAME = "unknown_name"
    MODULE_NOT_APPROVED = "module_not_approved"
    GENERATION_NOT_APPROVED = "generation_not_approved"
    NOT_APPROVED = "not_approved"
    FILE_NAME_INVALID = "file_name_invalid"
    TESTS_UNREADABLE = "tests_unreadable"
    NO_TESTS = "no_tests"
    CODE_UNREADABLE = "code_unreadable"
    NOTHING_DEFINED = "nothing_defined"
    NOT_JSON = "not_json"
    SQL_UNSUPPORTED = "sql_unsupported"
    MARKER_INSIDE = "marker_inside"
    CHARACTER_FORBIDDEN = "character_forbidden"
    LONE_SURROGATE = "lone_surrogate"
    NOT_WRITTEN = "not_written"
    FOREIGN_FOLDER = "foreign_folder"
    EXTRA_MISSING = "extra_missing"


class ExportProblem(Record):
    """What prevents an export; `title` names the assignment that a format cannot represent."""

    code: ExportProblemCode
    params: Mapping[str, str | int] = Field(default_factory=dict)
    title: str = ""
    format: str = ""
