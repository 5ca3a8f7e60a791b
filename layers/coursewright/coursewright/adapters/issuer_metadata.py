"""Reads what an OpenID Connect issuer publishes about itself: its endpoints and its keys."""

import time
from collections.abc import Callable
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import httpx2
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from coursewright.adapters.bounded_transport import TIMEOUT
from coursewright.domain.errors import SignInFailed
from coursewright.domain.problems import SignInProblem

CACHE_SECONDS = 3600
PAUSE_SECONDS = 10  # after a failure, so that visitors do not wait for an issuer that is down
MAX_KEYS = 50
REQUIRED = ("authorization_endpoint", "token_endpoint", "jwks_uri")
USED = (*REQUIRED, "userinfo_endpoint", "end_session_endpoint")


class IssuerMetadata:
    """The discovery document and the keys, each read again after an hour."""

    def __init__(
        self,
        issuer: str,
        transport: httpx2.BaseTransport,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.issuer = issuer
        self._transport = transport
        self._clock = clock
        self._cached: dict[str, tuple[float, Any]] = {}
        self._failed_at: float | None = None

    def endpoint(self, name: str) -> str:
        """Return an endpoint's address; empty if there is none. Raises: SignInFailed."""
        return str(self.document().get(name) or "")

    def document(self) -> dict[str, Any]:
        """Return the discovery document. Raises: SignInFailed."""
        url = f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"
        return self._cache(url, lambda: self._checked(self._read(url)))

    def keys(self, *, again: bool = False) -> KeySet:
        """Return the keys, reading them again if requested. Raises: SignInFailed."""
        url = self.endpoint("jwks_uri")
        if again:
            self._cached.pop(url, None)
        return self._cache(url, lambda: _key_set(self._read(url)))

    def _cache[ValueT](self, url: str, read: Callable[[], ValueT]) -> ValueT:
        now = self._clock()
        read_at, value = self._cached.get(url, (now - CACHE_SECONDS, None))
        if now - read_at >= CACHE_SECONDS:
            value = read()
            self._cached[url] = now, value
        current: ValueT = value
        return current

    def _read(self, url: str) -> dict[str, Any]:
        if self._failed_at is not None and self._clock() < self._failed_at + PAUSE_SECONDS:
            raise SignInFailed(SignInProblem.UNAVAILABLE, "the issuer has just failed")
        require_safe(url, self.issuer)
        try:
            with _client(self._transport) as client:
                response = client.get(url)
            response.raise_for_status()
            content = dict(response.json())
        except (httpx2.HTTPError, ValueError, TypeError, RecursionError) as error:
            self._failed_at = self._clock()
            raise SignInFailed(SignInProblem.UNAVAILABLE, f"{url}: {error}") from error
        self._failed_at = None
        return content

    def _checked(self, document: dict[str, Any]) -> dict[str, Any]:
        if document.get("issuer") != self.issuer:
            problem = "the discovery document belongs to another issuer"
            raise SignInFailed(SignInProblem.UNAVAILABLE, problem)
        for name in USED:
            if name in REQUIRED or document.get(name):
                require_safe(str(document.get(name)), self.issuer)
        return document


def require_safe(url: str, issuer: str) -> None:
    """Check that an address uses https, or loopback if the issuer does. Raises: SignInFailed."""
    if not (_is_https(url) or (_is_loopback(url) and _is_loopback(issuer))):
        raise SignInFailed(SignInProblem.UNAVAILABLE, f"{url!r} does not use https")


def _is_https(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "https" and bool(parts.hostname) and not parts.username


def _is_loopback(url: str) -> bool:
    parts = urlsplit(url)
    if parts.scheme != "http" or parts.username:
        return False
    try:
        return parts.hostname == "localhost" or ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False


def _client(transport: httpx2.BaseTransport) -> httpx2.Client:
    return httpx2.Client(
        transport=transport, timeout=TIMEOUT, follow_redirects=False, trust_env=False
    )


def _key_set(document: dict[str, Any]) -> KeySet:
    keys = document.get("keys")
    if not isinstance(keys, list) or len(keys) > MAX_KEYS:
        raise SignInFailed(SignInProblem.UNAVAILABLE, "the issuer publishes no usable keys")
    usable = [key for key in keys if isinstance(key, dict) and key.get("use", "sig") == "sig"]
    asymmetric = [key for key in usable if key.get("kty") in ("RSA", "EC")]
    try:
        return KeySet.import_key_set({"keys": asymmetric})
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise SignInFailed(SignInProblem.UNAVAILABLE, "the issuer's keys are malformed") from error
