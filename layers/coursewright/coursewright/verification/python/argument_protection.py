"""Finds solutions that change an argument although the text says that it must not change."""

import re
from typing import NamedTuple

from coursewright.domain.evidence import Cause, Finding, FindingCode
from coursewright.verification.check_request import PythonCheck
from coursewright.verification.rejections import reason, unfinished
from coursewright.verification.sandbox.answer import Reply, UntrustedRecord
from coursewright.verification.sandbox.worker_pool import Sandbox

TAG = re.compile(r"<[^<>]*>")
SENTENCE_END = re.compile(r"(?<=[.!?:;])\s+|\n\s*\n")
# Each pattern matches within one sentence.
ARGUMENT = re.compile(
    r"\b(lists?|argument\w*|parameter\w*|inputs?|originals?|dict\w*|sets?|sequences?|arrays?|matri\w+"
    r"|passed|given|values?|objects?"
    r"|listen?|eingabe\w*|übergeben\w*|wörterb\w+|mengen?|matrizen|werte?|objekte?"
    r"|список\w*|списк\w+|аргумент\w*|параметр\w*|словар\w+|множеств\w+|исходн\w+|переданн\w+"
    r"|матриц\w*|входн\w+|объект\w*|значени\w+)\b",
    re.IGNORECASE,
)
CHANGE_EN = r"(chang|modif|mutat|alter)(e|ed|ing|y|ied|ying)?\b"
UNCHANGED = re.compile(
    rf"(?:\b(?:not|never|without)|n['’]t)\s+(?:\w+\s+){{0,2}}{CHANGE_EN}"
    r"|\b(unchanged|unmodified|intact)\b"
    r"|\breturns?\s+a\s+new\s+(?:\w+\s+)?(list|dict\w*|set|sequence|copy|matrix|array)\b"
    r"|\b(nicht|niemals|nie)\s+(?:\w+\s+){0,2}(ver|ge|ab|abge)?änder(n|t|st)\b"
    r"|\bohne\s+(?:\w+\s+){0,3}zu\s+(ver|ab)?ändern\b|\bunverändert\w*\b"
    r"|\bnicht\s+(?:\w+\s+){0,2}modifizier(en|t)\b"
    r"|\bneue[sn]?\s+(?:\w+\s+)?(liste|wörterbuch|menge|kopie|matrix)\s+zurück"
    r"|\b(gibt|liefert)\s+eine?n?\s+neue[sn]?\s+(?:\w+\s+)?(liste|wörterbuch|menge|kopie|matrix)\b"
    r"|\bне\s+(?:\w+\s+){0,2}(из)?мен(я\w+|и\w+|ён\w*|ен\w*)\b|\bне\s+(?:\w+\s+){0,2}модифицир\w+"
    r"|\bбез\s+(?:\w+\s+){0,2}изменени\w+|\bнеизмен[её]?н\w*"
    r"|\bновый\s+(?:\w+\s+)?(список|словарь)\b|\bновое\s+(?:\w+\s+)?множество\b"
    r"|\bновую\s+(?:\w+\s+)?(матрицу|копию)\b",
    re.IGNORECASE,
)


class ChangedCall(UntrustedRecord):
    """A call with the arguments as it left them."""

    call: str
    left: str


class ChangedCalls(Reply):
    """Calls that return a value and change their arguments, shortest first."""

    calls: tuple[ChangedCall, ...]


def forbids_changes(text: str) -> bool:
    """Whether a sentence of the text says that an argument must not change."""
    sentences = SENTENCE_END.split(TAG.sub(" ", text))
    return any(UNCHANGED.search(s) and ARGUMENT.search(s) for s in sentences)


class ArgumentFindings(NamedTuple):
    """The reason against a solution that changes its arguments, or the doubt that it may do so."""

    reasons: tuple[Finding, ...] = ()
    doubts: tuple[Finding, ...] = ()


def find_forbidden_changes(check: PythonCheck, sandbox: Sandbox) -> ArgumentFindings:
    """Return the reason if the solution changes an argument that the text protects."""
    if not forbids_changes(check.text):
        return ArgumentFindings()
    job = {
        "module": check.module,
        "tests_module": check.tests_module,
        "solution": check.solution,
        "tests": check.tests,
    }
    answer = sandbox.ask("find_changed_arguments", job, ChangedCalls)
    sandbox.budget.charge(answer.fuel)
    if answer.value is None:
        return ArgumentFindings(doubts=(unfinished(Cause.ARGUMENTS_LEFT),))
    changed = (
        reason(FindingCode.ARGUMENT_CHANGED, call=call.call, left=f"({call.left})")
        for call in answer.value.calls[:1]
    )
    return ArgumentFindings(reasons=tuple(changed))
