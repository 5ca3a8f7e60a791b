"""Reviewers come from the deployment's domains and are not the author."""

import pytest

from coursewright.domain.author import Author
from coursewright.domain.problems import ProblemCode
from coursewright.domain.reviewer_rules import ReviewerRules
from coursewright.steps.free_mail import free_mail_domains

LIN = Author(sub="9f3c", email="lin@example.edu")
FACULTY = ReviewerRules(domains=("example.edu", " Bücher.example "))


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("ada@example.edu", None),
        ("ada@EXAMPLE.EDU", None),
        ("ada@xn--bcher-kva.example", None),
        ("ada@cs.example.edu", ProblemCode.REVIEWER_DOMAIN),
        ("ada@example.edu.evil.example", ProblemCode.REVIEWER_DOMAIN),
        ("ada@notexample.edu", ProblemCode.REVIEWER_DOMAIN),
        ("ada@example.edu@evil.example", ProblemCode.REVIEWER_DOMAIN),
    ],
)
def test_a_reviewer_outside_the_domains_is_refused(
    address: str, problem: ProblemCode | None
) -> None:
    assert FACULTY.problem(address, None) == problem


def test_without_domains_an_event_may_name_anyone() -> None:
    assert ReviewerRules().problem("ada@anywhere.example", None) is None


@pytest.mark.parametrize(
    ("may_review", "expected"), [(False, ProblemCode.AUTHOR_REVIEWS), (True, None)]
)
def test_an_author_reviews_only_if_the_deployment_allows_it(
    may_review: bool, expected: ProblemCode | None
) -> None:
    rules = ReviewerRules(author_may_review=may_review)

    assert rules.problem("Lin+me@example.edu", LIN) == expected


def test_an_author_without_an_address_cannot_be_told_from_a_reviewer() -> None:
    unknown = Author(sub="9f3c")

    assert ReviewerRules().problem("ada@example.edu", unknown) is ProblemCode.AUTHOR_UNKNOWN
    assert ReviewerRules(author_may_review=True).problem("ada@example.edu", unknown) is None


def test_a_program_is_no_reviewer() -> None:
    program = Author(sub="client", is_program=True)

    assert ReviewerRules().problem("ada@example.edu", program) is None


def invited(address: str, *reviewers: str, rules: ReviewerRules | None = None) -> object:
    return (rules or ReviewerRules()).invitation_problem(
        address, None, reviewers=reviewers, free_mail=free_mail_domains()
    )


@pytest.mark.parametrize(
    "provider",
    [
        *("gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "yahoo.co.uk", "icloud.com"),
        *("gmx.de", "web.de", "t-online.de", "mail.ru", "yandex.ru", "ya.ru", "proton.me"),
        *("tutanota.com", "posteo.de", "mailbox.org", "qq.com", "163.com", "anything.yandex.ru"),
    ],
)
def test_users_of_one_free_email_provider_are_no_colleagues(provider: str) -> None:
    assert invited(f"eve@{provider}", f"ada@{provider}") is ProblemCode.FOREIGN_DOMAIN


@pytest.mark.parametrize("domain", ["example.edu", "uni-bonn.de", "msu.ru", "ox.ac.uk", "mit.edu"])
def test_people_of_one_organisation_are_colleagues(domain: str) -> None:
    assert invited(f"bo@{domain}", f"ada@{domain}") is None


def test_a_configured_colleague_may_use_free_email() -> None:
    rules = ReviewerRules(colleagues=("Bo@gmail.com",))

    assert invited("bo@gmail.com", "ada@example.edu", rules=rules) is None


def test_the_domains_replace_the_rule_of_the_shared_domain() -> None:
    assert invited("bo@example.edu", "ada@bücher.example", rules=FACULTY) is None
    assert (
        invited("bo@other.example", "ada@other.example", rules=FACULTY)
        is ProblemCode.REVIEWER_DOMAIN
    )


def test_the_list_of_providers_contains_domains_only() -> None:
    domains = free_mail_domains()

    assert len(domains) > 4_000
    assert all("." in domain and domain == domain.strip().lower() for domain in domains)
