"""Rules for who may review: colleagues by email domain, and not the author of the generation."""

from collections.abc import Iterable
from typing import Annotated

from pydantic import AfterValidator

from coursewright.domain.address import ascii_domain, email_domain
from coursewright.domain.author import Author
from coursewright.domain.base import Record
from coursewright.domain.problems import ProblemCode


class ReviewerRules(Record):
    """A deployment's rules; without `domains`, events may name any reviewer."""

    domains: tuple[Annotated[str, AfterValidator(ascii_domain)], ...] = ()
    author_may_review: bool = False
    colleagues: tuple[str, ...] = ()

    def problem(self, address: str, author: Author | None) -> ProblemCode | None:
        """Return why this address may not review a generation of the author, or None."""
        if self.domains and email_domain(address) not in self.domains:
            return ProblemCode.REVIEWER_DOMAIN
        if author is None or author.is_program or self.author_may_review:
            return None
        if "@" not in f"{author.email}{author.sub}":
            return ProblemCode.AUTHOR_UNKNOWN
        return ProblemCode.AUTHOR_REVIEWS if author.reads_mail_of(address) else None

    def invitation_problem(
        self,
        address: str,
        author: Author | None,
        *,
        reviewers: Iterable[str],
        free_mail: frozenset[str],
    ) -> ProblemCode | None:
        """Return why a reviewer may not invite this address, or None.

        Without `domains`, only configured colleagues and people in the email domain of a reviewer
        can be invited. Reviewers who use the same free email provider are strangers.
        """
        if problem := self.problem(address, author):
            return problem
        known = {colleague.strip().lower() for colleague in self.colleagues}
        if self.domains or address.strip().lower() in known:
            return None
        domain, shared = email_domain(address), {email_domain(each) for each in reviewers}
        is_colleague = domain in shared and not is_free_mail(domain, free_mail)
        return None if is_colleague else ProblemCode.FOREIGN_DOMAIN


def is_free_mail(domain: str, free_mail: frozenset[str]) -> bool:
    """Return whether a domain, or one that it belongs to, is open to anyone."""
    labels = domain.split(".")
    return any(".".join(labels[start:]) in free_mail for start in range(len(labels)))
