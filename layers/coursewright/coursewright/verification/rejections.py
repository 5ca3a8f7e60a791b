"""Builds a check's findings, bounded in size because code under test chooses names and messages."""

from collections.abc import Iterable

from coursewright.domain.evidence import (
    MAX_MESSAGE_CHARS,
    Cause,
    Failure,
    FailureCode,
    Finding,
    FindingCode,
    Param,
)

MAX_NAMES = 5
MAX_NAME_CHARS = 200


def reason(code: FindingCode, where: Iterable[str] = (), **params: Param) -> Finding:
    """Return a reason to reject a draft; only the first names of `where` are stored."""
    return _finding(code, where, params, blocking=True)


def doubt(
    code: FindingCode, where: Iterable[str] = (), *, blocking: bool = False, **params: Param
) -> Finding:
    """Return a doubt, which does not reject a draft.

    A blocking doubt must be confirmed by a reviewer before the draft can be published: the text and
    the tests may disagree, or something was not checked. Any other doubt is a remark.
    """
    return _finding(code, where, params, blocking=blocking)


def failure(code: FailureCode, test: str, **params: Param) -> Failure:
    """Return how a solution fails a dataset; only the first rows are stored."""
    bounded = {name: _bounded(value) for name, value in params.items()}
    return Failure(test=test, code=code, params=bounded)


def unfinished(cause: Cause) -> Finding:
    """Return the doubt that part of the check was left out; the cause names the part."""
    return doubt(FindingCode.NOT_FINISHED, blocking=True, cause=cause)


def _finding(
    code: FindingCode, where: Iterable[str], params: dict[str, Param], *, blocking: bool
) -> Finding:
    names = list(where)
    more = len(names) - MAX_NAMES
    bounded = {name: _bounded(value) for name, value in params.items() if value != ""}
    return Finding(
        code=code,
        params=bounded | ({"more": more} if more > 0 else {}),
        where=tuple(name[:MAX_NAME_CHARS] for name in names[:MAX_NAMES]),
        blocking=blocking,
    )


def _bounded(value: Param) -> Param:
    if isinstance(value, tuple):
        return tuple(text[:MAX_NAME_CHARS] for text in value[:MAX_NAMES])
    return value[:MAX_MESSAGE_CHARS] if isinstance(value, str) else value
