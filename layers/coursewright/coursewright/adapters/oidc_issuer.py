"""Signs authors in by OpenID Connect: authorisation code with PKCE, state and nonce."""

import time
from collections.abc import Callable
from typing import Any

import httpx2
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import OAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError

from coursewright.adapters.bounded_transport import TIMEOUT, BoundedTransport
from coursewright.adapters.issuer_metadata import IssuerMetadata
from coursewright.domain.author import Author, author_from_claims
from coursewright.domain.errors import SignInFailed
from coursewright.domain.problems import SignInProblem
from coursewright.domain.sign_in import IssuerClient, SignInAnswer, SignInAttempt
from coursewright.ports.generations import Clock

# Signatures that only the issuer can make: neither "none" nor a secret that both sides know.
ALGORITHMS = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512"),
)
LEEWAY_SECONDS = 60
IDENTITY_SCOPES = ("openid", "email", "profile")


class OidcIssuer:
    """An issuer as seen by one of its clients."""

    def __init__(
        self,
        client: IssuerClient,
        *,
        secret: Callable[[], str],
        clock: Clock,
        transport: httpx2.BaseTransport | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._secret = secret
        self._clock = clock
        self._transport = BoundedTransport(transport, clock=monotonic)
        self._metadata = IssuerMetadata(client.issuer, self._transport, clock=monotonic)

    def authorization_url(self, attempt: SignInAttempt, *, redirect_uri: str) -> str:
        """Return the address at which the author signs in. Raises: SignInFailed."""
        self._require_client()
        endpoint = self._metadata.endpoint("authorization_endpoint")
        with self._session(redirect_uri, secret="") as session:
            url, _ = session.create_authorization_url(
                endpoint, state=attempt.state, nonce=attempt.nonce, code_verifier=attempt.verifier
            )
        return str(url)

    def redeem(self, answer: SignInAnswer, attempt: SignInAttempt, *, redirect_uri: str) -> Author:
        """Exchange the answer's code and return the author whom the ID token names.

        Raises: SignInFailed.
        """
        self._require_client()
        self._require_own_answer(answer)
        try:
            with self._session(redirect_uri, secret=self._secret()) as session:
                token = session.fetch_token(
                    self._metadata.endpoint("token_endpoint"),
                    grant_type="authorization_code",
                    code=answer.code,
                    code_verifier=attempt.verifier,
                )
                self._require_scope(token)
                claims = self._claims(token, attempt)
                return author_from_claims(claims | self._user_info(session, claims))
        except OAuthError as error:
            raise SignInFailed(SignInProblem.REFUSED, str(error.error)) from error
        except (JoseError, ValueError, TypeError, RecursionError) as error:
            raise SignInFailed(SignInProblem.REFUSED, f"{type(error).__name__}: {error}") from error
        except httpx2.HTTPError as error:
            raise SignInFailed(SignInProblem.UNAVAILABLE, str(error)) from error

    def sign_out_url(self, *, return_to: str) -> str:
        """Return the issuer's address for signing out; empty if it has none.

        `logout_uri` is Amazon Cognito's name for `post_logout_redirect_uri`. Raises: SignInFailed.
        """
        self._require_client()
        endpoint = self._metadata.endpoint("end_session_endpoint")
        parameters = {"post_logout_redirect_uri": return_to, "logout_uri": return_to}
        query = {"client_id": self._client.client_id} | parameters
        return str(httpx2.URL(endpoint).copy_merge_params(query)) if endpoint else ""

    def _require_client(self) -> None:
        if not (self._client.issuer and self._client.client_id):
            raise SignInFailed(SignInProblem.NOT_CONFIGURED, "no client is configured")

    def _require_own_answer(self, answer: SignInAnswer) -> None:
        """Refuse another issuer's answer. https://datatracker.ietf.org/doc/html/rfc9207"""
        name = "authorization_response_iss_parameter_supported"
        is_named = bool(answer.issuer) or self._metadata.document().get(name) is True
        if is_named and answer.issuer != self._client.issuer:
            raise SignInFailed(SignInProblem.REFUSED, "another issuer's answer")

    def _session(self, redirect_uri: str, *, secret: str) -> OAuth2Client:
        scopes = dict.fromkeys((*IDENTITY_SCOPES, *self._client.scope.split()))
        return OAuth2Client(
            client_id=self._client.client_id,
            client_secret=secret or None,
            token_endpoint_auth_method=self._auth_method(secret),
            scope=" ".join(scopes),
            redirect_uri=redirect_uri,
            code_challenge_method="S256",
            transport=self._transport,
            timeout=TIMEOUT,
            follow_redirects=False,
            trust_env=False,
        )

    def _auth_method(self, secret: str) -> str:
        if not secret:
            return "none"
        name = "token_endpoint_auth_methods_supported"
        supported = self._metadata.document().get(name) or ["client_secret_basic"]
        return "client_secret_basic" if "client_secret_basic" in supported else "client_secret_post"

    def _require_scope(self, token: dict[str, Any]) -> None:
        """Check that authoring was granted; an answer without scopes grants what was requested."""
        granted = str(token.get("scope") or self._client.scope).split()
        if not set(self._client.scope.split()) <= set(granted):
            raise SignInFailed(SignInProblem.NO_SCOPE, "the scope was not granted")

    def _claims(self, token: dict[str, Any], attempt: SignInAttempt) -> dict[str, Any]:
        signed = str(token.get("id_token") or "")
        try:
            decoded = jwt.decode(signed, self._metadata.keys(), algorithms=ALGORITHMS)
        except InvalidKeyIdError:
            keys = self._metadata.keys(again=True)
            decoded = jwt.decode(signed, keys, algorithms=ALGORITHMS)
        claims = CodeIDToken(
            decoded.claims,
            decoded.header,
            options={
                "iss": {"essential": True, "value": self._client.issuer},
                "aud": {"essential": True, "value": self._client.client_id},
                "nonce": {"essential": True, "value": attempt.nonce},
            },
            params={
                "nonce": attempt.nonce,
                "client_id": self._client.client_id,
                "access_token": str(token.get("access_token") or ""),
            },
        )
        claims.validate(now=int(self._clock.now().timestamp()), leeway=LEEWAY_SECONDS)
        return dict(claims)

    def _user_info(self, session: OAuth2Client, claims: dict[str, Any]) -> dict[str, Any]:
        """Return the claims that an issuer reveals only on request, such as the address."""
        endpoint = self._metadata.endpoint("userinfo_endpoint")
        if claims.get("email") or not endpoint:
            return {}
        response = session.get(endpoint)
        response.raise_for_status()
        told = response.json()
        if not isinstance(told, dict) or told.get("sub") != claims["sub"]:
            raise ValueError("the user info belongs to somebody else")
        names = ("name", "preferred_username", "email", "email_verified")
        return {name: told[name] for name in names if name in told}
