"""Authors sign in at an OpenID Connect issuer; nobody else gets a session."""

import base64
import json
from collections.abc import Callable
from html import unescape
from itertools import count
from typing import Any

import httpx2
import pytest

from coursewright.adapters.author_cookies import SignedAuthorCookies
from coursewright.adapters.issuer_metadata import CACHE_SECONDS, PAUSE_SECONDS
from coursewright.adapters.oidc_issuer import OidcIssuer
from coursewright.domain.sign_in import AuthorSession, IssuerClient, SignInAttempt
from coursewright.steps.sign_in_author import (
    ATTEMPT_PERIOD,
    SESSION_PERIOD,
    AuthorAccess,
    SignInDeps,
)
from coursewright.web.http import parse_request
from coursewright.web.responses import Response
from coursewright.web.sign_in_author import sign_in_author
from tests.fakes.issuer import CLIENT, ISSUER, PERSON, SCOPE, MemoryIssuer
from tests.unit.authoring.builders import AUTHORING, LIN, Author

SESSION, ATTEMPT = "__Host-author-session", "__Host-author-sign-in"
type Break = Callable[["Visitor"], None]


class Visitor(Author):
    """A browser without an identity, in front of the authoring pages."""

    def __init__(self) -> None:
        super().__init__()
        self.claims = {}
        self.cookies: dict[str, str] = {}
        self.seconds = 0.0
        self.known = MemoryIssuer(self.harness.clock.now)
        self.client = IssuerClient(issuer=ISSUER, client_id=CLIENT, scope=SCOPE)
        self.secret = ""
        self.restart()

    def restart(self) -> None:
        """Serve the next requests from a new execution environment."""
        self.issuer = OidcIssuer(
            self.client,
            secret=lambda: self.secret,
            clock=self.harness.clock,
            transport=self.known,
            monotonic=lambda: self.seconds,
        )

    def visit(self, path: str = "/authoring", **parameters: str) -> Response:
        self.cookie = f"{SESSION}={self.cookies.get(SESSION, '')}"
        return self.look(path, **parameters)

    def go(self, route: str, query: dict[str, str] | None = None, method: str = "GET") -> Response:
        """Visit a page of the sign-in and keep the cookies that it sets."""
        event = self.event(method, route, {})
        event["cookies"] = [f"{name}={value}" for name, value in self.cookies.items()]
        event["headers"] |= {"origin": self.origin}
        event["queryStringParameters"] = query or {}
        random = (f"random-{number:036}" for number in count(len(self.known.requests)))
        deps = SignInDeps(
            cookies=self.access.cookies,
            clock=self.harness.clock,
            issuer=self.issuer,
            random=lambda: next(random),
        )
        answer = sign_in_author(parse_request(event, public_url=self.origin), deps=deps)
        for line in answer.cookies:
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
            if "Max-Age=0" in line:
                del self.cookies[name]
        return answer

    def start_at_issuer(self, to: str = "/authoring/new") -> dict[str, str]:
        """Begin to sign in, sign in at the issuer, and return its answer."""
        begun = self.go("/authoring/sign-in", {"to": to})
        return self.known.authorize(begun.headers["location"])

    def finish(self, answer: dict[str, str]) -> Response:
        return self.go("/authoring/callback", answer)

    def sign_in(self, to: str = "/authoring/new") -> Response:
        return self.finish(self.start_at_issuer(to))


def refused(answer: Response, status: int, text: str) -> bool:
    return answer.status == status and text in unescape(answer.body)


def test_a_visitor_is_led_to_the_issuer_and_back_to_the_page() -> None:
    visitor = Visitor()

    asked = visitor.visit("/authoring/months/{month}", month="2026-11")
    back = visitor.sign_in("/authoring/months/2026-11")
    shown = visitor.visit()

    assert asked.headers["location"] == "/authoring/sign-in?to=%2Fauthoring%2Fmonths%2F2026-11"
    assert (back.status, back.headers["location"]) == (303, "/authoring/months/2026-11")
    assert shown.status == 200
    assert "Lin Chen" in shown.body
    assert "not signed in" not in shown.body
    assert 'action="/authoring/sign-out"' in shown.body


def test_the_request_to_the_issuer_has_pkce_state_and_nonce() -> None:
    visitor = Visitor()

    location = visitor.go("/authoring/sign-in").headers["location"]

    asked = dict(httpx2.URL(location).params)
    assert location.startswith(f"{ISSUER}/authorize?tenant=1&")
    assert (asked["response_type"], asked["client_id"]) == ("code", CLIENT)
    assert asked["redirect_uri"] == f"{AUTHORING}/authoring/callback"
    assert asked["scope"] == f"openid email profile {SCOPE}"
    assert asked["code_challenge_method"] == "S256"
    assert len({asked["state"], asked["nonce"], asked["code_challenge"]}) == 3
    assert all(len(asked[name]) >= 43 for name in ("state", "nonce", "code_challenge"))


def test_cookies_are_bound_to_this_host_and_hidden_from_scripts() -> None:
    visitor = Visitor()

    begun = visitor.go("/authoring/sign-in")
    back = visitor.finish(visitor.known.authorize(begun.headers["location"]))

    for name, lines in ((ATTEMPT, begun.cookies), (SESSION, back.cookies[1:])):
        (line,) = lines
        assert line.startswith(f"{name}=")
        assert {"Path=/", "HttpOnly", "SameSite=Lax", "Secure"} <= set(line.split("; "))
        assert "Domain" not in line
        assert len(line) < 4096
    assert ATTEMPT not in visitor.cookies


def test_a_generation_requested_with_a_session_names_its_author() -> None:
    visitor = Visitor()
    visitor.sign_in()
    visitor.cookie = f"{SESSION}={visitor.cookies[SESSION]}"

    answer = visitor.send()

    assert answer.status == 303
    assert visitor.bus.details[0]["author"] == LIN.model_dump()


@pytest.mark.parametrize(
    "to",
    [
        *("https://evil.example", "//evil.example", "/\\evil.example", "/authoring//evil.example"),
        *("/authoring@evil.example", "/authoring.evil.example", "javascript:alert(1)", ""),
        *("/authoring/../reviews", "/authoring/new\r\nset-cookie: a=b", "/authoring/new?x=1"),
        *("/authoring/%0d%0a" * 9, "/authoring/" + "a" * 5000, " /authoring/new", "/r/link"),
    ],
)
def test_a_sign_in_leads_only_to_our_own_pages(to: str) -> None:
    visitor = Visitor()

    back = visitor.sign_in(to)

    assert back.headers["location"] == "/authoring"


def forged_state(visitor: Visitor, answer: dict[str, str]) -> None:
    answer["state"] = "forged"


def no_state(visitor: Visitor, answer: dict[str, str]) -> None:
    del answer["state"]


def another_browser(visitor: Visitor, answer: dict[str, str]) -> None:
    visitor.cookies.clear()


def a_later_attempt(visitor: Visitor, answer: dict[str, str]) -> None:
    visitor.start_at_issuer()


def too_late(visitor: Visitor, answer: dict[str, str]) -> None:
    visitor.harness.clock.advance(seconds=ATTEMPT_PERIOD.total_seconds())


def tampered_attempt(visitor: Visitor, answer: dict[str, str]) -> None:
    visitor.cookies[ATTEMPT] = f"x{visitor.cookies[ATTEMPT]}"


def attempt_signed_as_session(visitor: Visitor, answer: dict[str, str]) -> None:
    session = AuthorSession(author=LIN, expiry=4_000_000_000)
    visitor.cookies[ATTEMPT] = visitor.access.cookies.sign(session)


@pytest.mark.parametrize(
    "attack",
    [
        *(forged_state, no_state, another_browser, a_later_attempt, too_late, tampered_attempt),
        attempt_signed_as_session,
    ],
)
def test_an_answer_that_this_browser_did_not_ask_for_is_refused_unredeemed(
    attack: Callable[[Visitor, dict[str, str]], None],
) -> None:
    visitor = Visitor()
    answer = visitor.start_at_issuer()
    attack(visitor, answer)
    visitor.known.requests.clear()

    page = visitor.finish(answer)

    assert refused(page, 400, "begun in another browser")
    assert SESSION not in visitor.cookies
    assert visitor.known.requests == []


def test_a_forged_answer_does_not_end_the_attempt() -> None:
    visitor = Visitor()
    answer = visitor.start_at_issuer()

    visitor.finish(answer | {"state": "forged"})
    back = visitor.finish(answer)

    assert back.status == 303


def test_an_answer_is_accepted_once() -> None:
    visitor = Visitor()
    answer = visitor.start_at_issuer()
    attempt = visitor.cookies[ATTEMPT]
    visitor.finish(answer)
    visitor.cookies = {}

    without_attempt = visitor.finish(answer)
    visitor.cookies = {ATTEMPT: attempt}
    with_attempt = visitor.finish(answer)

    assert refused(without_attempt, 400, "has already been used")
    assert refused(with_attempt, 400, "returned an invalid response")
    assert SESSION not in visitor.cookies


def test_a_code_of_another_attempt_is_refused() -> None:
    attacker, victim = Visitor(), Visitor()
    victim.known = attacker.known
    victim.restart()
    stolen = attacker.start_at_issuer()["code"]

    page = victim.finish(victim.start_at_issuer() | {"code": stolen})

    assert refused(page, 400, "returned an invalid response")


@pytest.mark.parametrize(
    ("claims", "removed"),
    [
        ({"nonce": "of another attempt"}, ()),
        ({}, ("nonce",)),
        ({"aud": "another-client"}, ()),
        ({"aud": [CLIENT, "another-client"]}, ()),
        ({"aud": [CLIENT, "another-client"], "azp": "another-client"}, ()),
        ({}, ("aud",)),
        ({"iss": "https://evil.example"}, ()),
        ({"iss": ISSUER + "/"}, ()),
        ({}, ("iss",)),
        ({"exp": 1_000}, ()),
        ({"exp": "soon"}, ()),
        ({}, ("exp",)),
        ({"nbf": 4_000_000_000}, ()),
        ({"iat": 4_000_000_000}, ()),
        ({}, ("sub",)),
        ({"sub": ""}, ()),
        ({"sub": "a\u202eb"}, ()),
        ({"at_hash": "AAAA"}, ()),
    ],
)
def test_an_id_token_with_wrong_claims_is_refused(
    claims: dict[str, Any], removed: tuple[str, ...]
) -> None:
    visitor = Visitor()
    visitor.known.claims, visitor.known.removed = claims, removed

    page = visitor.sign_in()

    assert refused(page, 400, "returned an invalid response")
    assert SESSION not in visitor.cookies


@pytest.mark.parametrize("algorithm", ["none", "HS256", "HS512"])
def test_an_unsigned_id_token_or_one_signed_with_a_public_key_is_refused(algorithm: str) -> None:
    visitor = Visitor()
    visitor.known.algorithm = algorithm

    page = visitor.sign_in()

    assert refused(page, 400, "returned an invalid response")


@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "RS512"])
def test_id_tokens_with_asymmetric_signatures_are_accepted(algorithm: str) -> None:
    visitor = Visitor()
    visitor.known.algorithm = algorithm

    assert visitor.sign_in().status == 303


def test_an_id_token_signed_with_an_unpublished_key_is_refused() -> None:
    visitor = Visitor()
    published = MemoryIssuer(visitor.harness.clock.now).keys
    visitor.known.answers["/keys"] = lambda: httpx2.Response(
        200, json={"keys": [key.as_dict(private=False) for key in published]}
    )

    assert refused(visitor.sign_in(), 400, "returned an invalid response")


def test_rotated_keys_are_read_at_once() -> None:
    visitor = Visitor()
    visitor.sign_in()
    visitor.known.rotate()
    visitor.known.requests.clear()

    again = visitor.sign_in()

    read = [request.url.path for request in visitor.known.requests]
    assert again.status == 303
    assert read.count("/realm/keys") == 1


def test_the_issuer_is_read_once_an_hour() -> None:
    visitor = Visitor()
    for _ in range(3):
        visitor.sign_in()
    visitor.seconds += CACHE_SECONDS
    visitor.sign_in()

    read = [request.url.path for request in visitor.known.requests]
    assert read.count("/realm/.well-known/openid-configuration") == 2
    assert read.count("/realm/keys") == 2


def fail() -> httpx2.Response:
    raise httpx2.ConnectError("refused")


def hang() -> httpx2.Response:
    raise httpx2.ReadTimeout("no answer")


def flood() -> httpx2.Response:
    return httpx2.Response(200, content=b"x" * 1_000_000)


def bomb() -> httpx2.Response:
    packed = {"content-encoding": "gzip"}
    return httpx2.Response(200, headers=packed, stream=httpx2.ByteStream(b"\x1f\x8b"))


def page() -> httpx2.Response:
    return httpx2.Response(200, content=b"<html>")


def nested() -> httpx2.Response:
    return httpx2.Response(200, content=b"[" * 100_000)


def error() -> httpx2.Response:
    return httpx2.Response(503, content=b"{}")


def redirected() -> httpx2.Response:
    return httpx2.Response(302, headers={"location": "http://169.254.169.254/"})


FAILURES = [fail, hang, flood, bomb, page, nested, error, redirected]


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/keys", "/token"])
def test_an_issuer_that_fails_is_a_clear_page_and_no_error_of_ours(
    path: str, failure: Callable[[], httpx2.Response]
) -> None:
    visitor = Visitor()
    answer = visitor.start_at_issuer() if path != "/.well-known/openid-configuration" else {}
    visitor.known.answers[path] = failure

    shown = visitor.finish(answer) if answer else visitor.go("/authoring/sign-in")

    assert shown.status in (400, 424)
    assert "You are not signed in" in shown.body
    assert "169.254" not in shown.body
    assert SESSION not in visitor.cookies


def test_visitors_do_not_wait_for_an_issuer_that_has_just_failed() -> None:
    visitor = Visitor()
    visitor.known.answers["/.well-known/openid-configuration"] = fail

    answers = [visitor.go("/authoring/sign-in") for _ in range(20)]
    tries = len(visitor.known.requests)
    visitor.known.answers.clear()
    visitor.seconds += PAUSE_SECONDS
    back = visitor.sign_in()

    assert {answer.status for answer in answers} == {424}
    assert (tries, back.status) == (1, 303)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("issuer", "https://evil.example"),
        ("issuer", None),
        ("authorization_endpoint", "http://issuer.example.edu/authorize"),
        ("authorization_endpoint", "javascript:alert(1)"),
        ("token_endpoint", "http://127.0.0.1/token"),
        ("token_endpoint", None),
        ("jwks_uri", "file:///etc/passwd"),
        ("userinfo_endpoint", "http://169.254.169.254/latest"),
        ("end_session_endpoint", "https://user@evil.example"),
    ],
)
def test_an_issuer_with_unsafe_addresses_is_not_used(name: str, value: str | None) -> None:
    visitor = Visitor()
    visitor.known.document[name] = value

    shown = visitor.go("/authoring/sign-in")

    assert refused(shown, 424, "does not answer at the moment")


@pytest.mark.parametrize("issuer", ["http://issuer.example.edu", "http://127.0.0.1.evil.example"])
def test_an_issuer_without_https_is_not_contacted(issuer: str) -> None:
    visitor = Visitor()
    visitor.client = IssuerClient(issuer=issuer, client_id=CLIENT, scope=SCOPE)
    visitor.restart()

    assert refused(visitor.go("/authoring/sign-in"), 424, "does not answer")
    assert visitor.known.requests == []


def test_without_a_client_nobody_can_sign_in() -> None:
    visitor = Visitor()
    visitor.client = IssuerClient()
    visitor.restart()

    shown = visitor.go("/authoring/sign-in")

    assert refused(shown, 424, "Nobody can sign in here yet")
    assert visitor.known.requests == []


@pytest.mark.parametrize(
    ("error", "status", "text"),
    [
        ("access_denied", 403, "was cancelled"),
        ("<script>alert(1)</script>", 400, "returned an invalid response"),
        ("server_error", 400, "returned an invalid response"),
    ],
)
def test_an_error_of_the_issuer_is_explained_but_never_quoted(
    error: str, status: int, text: str
) -> None:
    visitor = Visitor()
    state = visitor.start_at_issuer()["state"]

    shown = visitor.finish({"error": error, "error_description": error, "state": state})

    assert refused(shown, status, text)
    assert "alert(1)" not in shown.body


@pytest.mark.parametrize("change", [{"code": ""}, {"code": "x" * 5000}, {"iss": "https://evil"}])
def test_an_answer_that_is_incomplete_or_of_another_issuer_is_refused(
    change: dict[str, str],
) -> None:
    visitor = Visitor()
    answer = visitor.start_at_issuer() | change

    assert refused(visitor.finish(answer), 400, "returned an invalid response")


def test_an_issuer_that_promises_to_name_itself_must_do_so() -> None:
    visitor = Visitor()
    visitor.known.document["authorization_response_iss_parameter_supported"] = True
    answer = visitor.start_at_issuer()
    del answer["iss"]

    assert refused(visitor.finish(answer), 400, "returned an invalid response")


@pytest.mark.parametrize(
    ("scope", "status"),
    [("openid email", 403), ("openid coursewright/authors", 403), ("", 303), (None, 303)],
)
def test_only_accounts_with_the_scope_of_authors_get_a_session(
    scope: str | None, status: int
) -> None:
    visitor = Visitor()
    visitor.known.scope = scope

    assert visitor.sign_in().status == status


def test_an_address_that_the_id_token_lacks_is_requested() -> None:
    visitor = Visitor()
    visitor.known.removed = ("email", "name")
    visitor.known.told = {"email": "lin@example.edu", "name": "Lin Chen", "admin": True}

    visitor.sign_in()

    session = visitor.access.cookies.open(AuthorSession, visitor.cookies[SESSION])
    assert session
    assert session.author == LIN


def test_the_user_info_of_somebody_else_is_refused() -> None:
    visitor = Visitor()
    visitor.known.removed = ("email",)
    visitor.known.told = {"sub": "somebody else", "email": "dean@example.edu"}

    assert refused(visitor.sign_in(), 400, "returned an invalid response")


@pytest.mark.parametrize(
    ("methods", "header"),
    [
        (None, "authorization"),
        (["client_secret_basic", "client_secret_post"], "authorization"),
        (["client_secret_post"], ""),
    ],
)
def test_a_client_secret_is_sent_as_the_issuer_wants_it(
    methods: list[str] | None, header: str
) -> None:
    visitor = Visitor()
    visitor.secret = "s3cret"
    if methods:
        visitor.known.document["token_endpoint_auth_methods_supported"] = methods

    visitor.sign_in()

    (request,) = [each for each in visitor.known.requests if each.url.path == "/realm/token"]
    body = request.read().decode()
    assert ("client_secret=s3cret" in body) == (not header)
    assert ("authorization" in request.headers) == bool(header)


def test_signing_out_ends_the_session_here_and_at_the_issuer() -> None:
    visitor = Visitor()
    visitor.sign_in()

    shown = visitor.go("/authoring/sign-out", method="POST")

    address = shown.headers["refresh"].removeprefix("0; url=")
    asked = dict(httpx2.URL(address).params)
    assert address.startswith(f"{ISSUER}/logout?")
    assert asked["client_id"] == CLIENT
    assert asked["post_logout_redirect_uri"] == f"{AUTHORING}/authoring/signed-out"
    assert visitor.cookies == {}
    assert visitor.visit().status == 303


@pytest.mark.parametrize("failure", FAILURES)
def test_signing_out_works_when_the_issuer_does_not(
    failure: Callable[[], httpx2.Response],
) -> None:
    visitor = Visitor()
    visitor.sign_in()
    visitor.restart()
    visitor.known.answers["/.well-known/openid-configuration"] = failure

    shown = visitor.go("/authoring/sign-out", method="POST")

    assert shown.status == 200
    assert "refresh" not in shown.headers
    assert visitor.cookies == {}


def test_a_foreign_page_cannot_sign_anybody_out() -> None:
    visitor = Visitor()
    visitor.sign_in()
    own, visitor.origin = visitor.origin, "https://evil.example"
    event = visitor.event("POST", "/authoring/sign-out", {})
    event["headers"] |= {"origin": visitor.origin}
    deps = SignInDeps(
        cookies=visitor.access.cookies,
        clock=visitor.harness.clock,
        issuer=visitor.issuer,
        random=str,
    )

    answer = sign_in_author(parse_request(event, public_url=own), deps=deps)

    assert (answer.status, answer.cookies) == (403, ())


def test_a_session_ends_after_a_working_day() -> None:
    visitor = Visitor()
    visitor.sign_in()

    visitor.harness.clock.advance(seconds=SESSION_PERIOD.total_seconds() - 1)
    before = visitor.visit()
    visitor.harness.clock.advance(seconds=1)
    after = visitor.visit()

    assert (before.status, after.status) == (200, 303)


def test_a_session_that_an_attacker_planted_is_replaced_by_signing_in() -> None:
    visitor, attacker = Visitor(), Visitor()
    attacker.known.claims = {"sub": "attacker", "name": "Mallory"}
    attacker.sign_in()
    visitor.cookies[SESSION] = attacker.cookies[SESSION]

    visitor.sign_in()

    assert visitor.cookies[SESSION] != attacker.cookies[SESSION]
    assert "Mallory" not in visitor.visit().body


def flipped(signed: str) -> str:
    return f"{signed[:-1]}{'A' if signed[-1] != 'A' else 'B'}"


def promoted(signed: str) -> str:
    content, _, signature = signed.rpartition(".")
    forged = {"author": PERSON | {"sub": "dean"}, "expiry": 4_000_000_000}
    encoded = base64.urlsafe_b64encode(json.dumps(forged).encode()).rstrip(b"=").decode()
    assert content
    return f"{encoded}.{signature}"


@pytest.mark.parametrize(
    "tamper", [flipped, promoted, str.upper, lambda _: "", lambda _: "é.é", lambda s: s * 50]
)
def test_a_tampered_session_is_no_session(tamper: Callable[[str], str]) -> None:
    visitor = Visitor()
    visitor.sign_in()
    visitor.cookies[SESSION] = tamper(visitor.cookies[SESSION])

    assert visitor.visit().status == 303


def test_an_attempt_is_no_session() -> None:
    visitor = Visitor()
    visitor.start_at_issuer()
    visitor.cookies[SESSION] = visitor.cookies[ATTEMPT]

    assert visitor.visit().status == 303


def test_a_session_outlives_the_rotation_of_its_key_but_not_its_removal() -> None:
    visitor = Visitor()
    visitor.sign_in()
    answers = []
    for keys in (["new key", "newest key"], ["newest key"]):
        cookies = SignedAuthorCookies(lambda keys=keys: keys)  # type: ignore[misc]
        visitor.access = AuthorAccess(cookies=cookies, clock=visitor.harness.clock)
        answers.append(visitor.visit().status)

    assert answers == [200, 303]


def test_a_form_sent_without_a_session_is_answered_with_a_page() -> None:
    visitor = Visitor()

    answer = visitor.send()

    assert refused(answer, 401, "return to it with the browser’s Back button")
    assert visitor.bus.details == []


def test_a_page_that_refreshes_itself_is_not_led_to_the_issuer() -> None:
    visitor = Visitor()
    event = visitor.event("GET", "/authoring", {})
    event["headers"] |= {"sec-fetch-mode": "cors"}

    assert visitor.show(event).status == 401


def test_an_attempt_contains_nothing_about_the_person() -> None:
    visitor = Visitor()
    visitor.start_at_issuer()

    attempt = visitor.access.cookies.open(SignInAttempt, visitor.cookies[ATTEMPT])

    assert attempt
    assert set(attempt.model_dump()) == {"state", "nonce", "verifier", "return_to", "expiry"}
