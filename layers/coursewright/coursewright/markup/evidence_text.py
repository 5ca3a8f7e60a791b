"""Phrases findings and certificates in the reader's language."""

from collections.abc import Iterable, Iterator, Mapping

from coursewright.domain.brief import Kind
from coursewright.domain.certificate import Certificate
from coursewright.domain.evidence import (
    Cause,
    Difference,
    Evidence,
    Failure,
    FailureCode,
    Finding,
    FindingCode,
    Param,
)
from coursewright.domain.verification import Disagreement
from coursewright.markup.finding_sentences import (
    CAUSES,
    PART_LIMITS,
    PUBLISHED_NEAR_DUPLICATE,
    SENTENCES,
)
from coursewright.markup.formatting import comma_list, count, grouped_digits, model_name
from coursewright.markup.i18n import _, ngettext, plain_gettext


def finding_text(finding: Finding) -> str:
    """Return a finding as sentences, with names and program output so that it can be checked."""
    sentence = _sentence(finding)
    if detail := _detail(finding):
        sentence = f"{sentence.rstrip('.')}: {detail}"
    return " ".join([sentence, *_remarks(finding)])


def repair_findings_text(evidence: Evidence) -> str:
    """Return why a draft's previous attempt was rejected, for the model that repairs it."""
    blocks: dict[str, Iterable[str]] = {
        "Why it was not accepted": map(finding_text, evidence.reasons),
        "Tests that fail on the solution": (
            f"{f.test}: {failure_message(f)}" for f in evidence.failures
        ),
        "Wrong solutions that the tests accept": evidence.mutants.survivors,
    }
    lists = {title: "\n".join(f"- {item}" for item in items) for title, items in blocks.items()}
    return "\n\n".join(f"{title}:\n{items}" for title, items in lists.items() if items)


def verdict_text(*, is_verified: bool, doubts: int) -> str:
    """Return the verdict on a draft with the number of doubts: `verified, 2 doubts`."""
    if not is_verified:
        return _("not verified")
    if not doubts:
        return _("verified")
    return ngettext("verified, %(num)s doubt", "verified, %(num)s doubts", doubts)


def certificate_text(certificate: Certificate, kind: Kind) -> str:
    """Return one line with the verdict, the number of doubts and the measurements."""
    verdict = verdict_text(is_verified=certificate.verified, doubts=len(certificate.doubts))
    return ": ".join(filter(None, [verdict, measurements_text(certificate, kind)]))


def measurements_text(certificate: Certificate, kind: Kind) -> str:
    """Return one line with what was measured; empty if nothing was run."""
    return comma_list([*_measured(certificate, kind), *_compared(certificate)])


def difference_text(difference: Difference) -> str:
    """Describe an input with both results."""
    return _(
        "%(input)s\nResult: %(result)s\nResult of the draft’s own solution: %(own_result)s",
        **difference.model_dump(),
    )


def failure_message(failure: Failure) -> str:
    """Return how a solution fails a test or dataset; a program's message is returned verbatim."""
    if failure.code is FailureCode.REPORTED:
        return failure.message
    shown = {
        name: value if isinstance(value, str | int) else comma_list(value)
        for name, value in failure.params.items()
    }
    return "\n".join(_dataset_lines(failure.code, shown))


def _dataset_lines(code: FailureCode, params: Mapping[str, str | int]) -> Iterator[str]:
    if code is FailureCode.WRONG_COLUMNS:
        yield _("Expected columns: %(expected)s. Returned: %(returned)s.", **params)
        return
    yield _("Rows expected: %(expected)s. Rows returned: %(returned)s.", **params)
    if not params["missing"] and not params["surplus"]:
        yield _("The rows are correct, but their order is not.")
    if params["missing"]:
        yield _("Not returned: %(rows)s", rows=params["missing"])
    if params["surplus"]:
        yield _("Not expected: %(rows)s", rows=params["surplus"])
    yield _("Dataset: %(seed)s", seed=params["seed"] or _("no rows"))


def disagreement_text(disagreement: Disagreement) -> str:
    """Describe how another model's solution differs from the draft's own."""
    solver = model_name(disagreement.solver)
    if disagreement.difference is not None:
        return f"{solver}: {difference_text(disagreement.difference)}"
    if disagreement.failure is not None:
        failure = disagreement.failure
        return f"{solver}, {failure.test}:\n{failure_message(failure)}"
    return f"{solver}: {finding_text(disagreement.reason)}" if disagreement.reason else solver


def _sentence(finding: Finding) -> str:
    if finding.code is FindingCode.REQUIREMENTS_NOT_FOUND:
        return ngettext(
            "%(num)s requirement quotes words that are not in the text or does not name a test.",
            "%(num)s requirements quote words that are not in the text or do not name a test.",
            _number(finding, "count"),
        )
    sentence = SENTENCES[finding.code]
    if finding.code is FindingCode.NEAR_DUPLICATE and "model" not in finding.params:
        sentence = PUBLISHED_NEAR_DUPLICATE
    return plain_gettext(sentence) % _Placeholders(finding.params)


class _Placeholders(dict[str, str | int]):
    """The parameters of a finding as they are shown; a missing one is shown as an ellipsis."""

    def __init__(self, params: Mapping[str, Param]) -> None:
        super().__init__(
            (name, value if isinstance(value, str | int) else comma_list(map(model_name, value)))
            for name, value in params.items()
        )
        if model := params.get("model"):
            self["model"] = model_name(str(model))

    def __missing__(self, name: str) -> str:
        return "…"


def _detail(finding: Finding) -> str:
    """Return the names, and what a program reported about them."""
    names = comma_list(finding.where)
    if more := _number(finding, "more"):
        names = _("%(names)s and %(more)s more", names=names, more=more)
    if finding.code is FindingCode.REQUIREMENTS_UNCHECKED:
        return ""
    error = str(finding.params.get("error", ""))
    return ": ".join(filter(None, [names, error]))


def _remarks(finding: Finding) -> Iterator[str]:
    params = finding.params
    if cause := params.get("cause"):
        yield _(CAUSES[Cause(str(cause))])
    if limit := _number(finding, "limit"):
        yield _(PART_LIMITS[str(params["part"])], limit=grouped_digits(limit))
    if finding.code is FindingCode.REQUIREMENTS_UNCHECKED:
        yield from _unchecked(finding)


def _unchecked(finding: Finding) -> Iterator[str]:
    quotes = finding.params.get("quotes")
    if isinstance(quotes, tuple | list) and quotes:
        shown = "; ".join(quotes)
        yield _("Not in the text or without a test: %(quotes)s.", quotes=shown)
    if finding.where:
        yield _("Tests without a requirement: %(names)s.", names=comma_list(finding.where))


def _number(finding: Finding, name: str) -> int:
    value = finding.params.get(name, 0)
    return value if isinstance(value, int) else 0


def _measured(certificate: Certificate, kind: Kind) -> Iterator[str]:
    if certificate.tests:
        yield count(certificate.tests, "dataset" if kind is Kind.SQL else "test")
    if certificate.mutants:
        numbers = {"killed": certificate.mutants_killed, "total": certificate.mutants}
        yield _("%(killed)s of %(total)s planted mistakes noticed", **numbers)
    if certificate.starter_fails:
        yield _("the starter code fails the tests")


def _compared(certificate: Certificate) -> Iterator[str]:
    if certificate.agreeing:
        number = len(certificate.agreeing) + 1
        yield ngettext("%(num)s model agrees", "%(num)s models agree", number)
    if certificate.attempt:
        number = certificate.attempt
        times = ngettext("repaired %(num)s time", "repaired %(num)s times", number)
        yield _("repaired once") if number == 1 else times
