"""Signs a course author in at the issuer, and out again."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from coursewright.domain.base import Record
from coursewright.domain.errors import SignInFailed
from coursewright.domain.problems import SignInProblem
from coursewright.domain.sign_in import AuthorSession, SignInAnswer, SignInAttempt
from coursewright.ports.generations import Clock
from coursewright.ports.sign_in import AuthorCookies, Issuer

ATTEMPT_PERIOD = timedelta(minutes=10)
SESSION_PERIOD = timedelta(hours=8)  # a working day; the issuer is asked again afterwards
MAX_CODE_CHARS = 4096


@dataclass(frozen=True)
class AuthorAccess:
    """Dependencies for recognising an author's session."""

    cookies: AuthorCookies
    clock: Clock


@dataclass(frozen=True)
class SignInDeps(AuthorAccess):
    """Dependencies for signing in and out; `random` returns an unguessable string."""

    issuer: Issuer
    random: Callable[[], str]


class BegunSignIn(Record):
    """A sign-in that continues at the issuer's address; the cookie is needed to finish it."""

    address: str
    cookie: str


def begin_sign_in(return_to: str, *, redirect_uri: str, deps: SignInDeps) -> BegunSignIn:
    """Begin a sign-in that ends on one of our own pages. Raises: SignInFailed."""
    attempt = SignInAttempt(
        state=deps.random(),
        nonce=deps.random(),
        verifier=deps.random(),
        return_to=return_to,
        expiry=int((deps.clock.now() + ATTEMPT_PERIOD).timestamp()),
    )
    address = deps.issuer.authorization_url(attempt, redirect_uri=redirect_uri)
    return BegunSignIn(address=address, cookie=deps.cookies.sign(attempt))


def begun_attempt(cookie: str, answer: SignInAnswer, *, deps: SignInDeps) -> SignInAttempt:
    """Return this browser's attempt, to which the issuer's answer belongs. Raises: SignInFailed."""
    attempt = deps.cookies.open(SignInAttempt, cookie)
    if attempt is None or deps.clock.now().timestamp() >= attempt.expiry:
        raise SignInFailed(SignInProblem.STALE, "no attempt in this browser")
    if not hmac.compare_digest(attempt.state.encode(), answer.state.encode()):
        raise SignInFailed(SignInProblem.STALE, "the answer to another attempt")
    return attempt


def finish_sign_in(
    answer: SignInAnswer, attempt: SignInAttempt, *, redirect_uri: str, deps: SignInDeps
) -> str:
    """Return the cookie of a new session. Raises: SignInFailed."""
    if answer.error:
        is_denied = answer.error == "access_denied"
        problem = SignInProblem.DENIED if is_denied else SignInProblem.REFUSED
        raise SignInFailed(problem, "the issuer sent an error")
    if not 0 < len(answer.code) <= MAX_CODE_CHARS:
        raise SignInFailed(SignInProblem.REFUSED, "the issuer sent no code")
    author = deps.issuer.redeem(answer, attempt, redirect_uri=redirect_uri)
    expiry = int((deps.clock.now() + SESSION_PERIOD).timestamp())
    return deps.cookies.sign(AuthorSession(author=author, expiry=expiry))


def open_session(cookie: str, *, access: AuthorAccess) -> AuthorSession | None:
    """Return the session in a cookie, or None if it is not genuine or has ended."""
    session = access.cookies.open(AuthorSession, cookie)
    is_open = session is not None and access.clock.now().timestamp() < session.expiry
    return session if is_open else None
