"""An OpenID Connect issuer in memory: real keys and tokens, behind an HTTP transport."""

import base64
import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

import httpx2
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

ISSUER = "https://issuer.example.edu/realm"
CLIENT = "coursewright"
SCOPE = "coursewright/author"
PERSON = {"sub": "9f3c", "name": "Lin Chen", "email": "lin@example.edu"}

type Change = Callable[[dict[str, Any]], None]


class MemoryIssuer(httpx2.BaseTransport):
    """Signs in one person; tests change what it publishes and what it answers."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self.keys = [RSAKey.generate_key(2048, {"kid": "first", "use": "sig"})]
        self.codes: dict[str, dict[str, str]] = {}
        self.requests: list[httpx2.Request] = []
        self.answers: dict[str, Callable[[], httpx2.Response]] = {}
        self.claims: dict[str, Any] = {}
        self.removed: tuple[str, ...] = ()
        self.told: dict[str, Any] = {}
        self.scope: str | None = f"openid email profile {SCOPE}"
        self.algorithm = "RS256"
        self.document: dict[str, Any] = {
            "issuer": ISSUER,
            "authorization_endpoint": f"{ISSUER}/authorize?tenant=1",
            "token_endpoint": f"{ISSUER}/token",
            "jwks_uri": f"{ISSUER}/keys",
            "userinfo_endpoint": f"{ISSUER}/userinfo",
            "end_session_endpoint": f"{ISSUER}/logout",
        }

    def authorize(self, url: str) -> dict[str, str]:
        """Return what the issuer sends back after the person has signed in at this address."""
        asked = dict(httpx2.URL(url).params)
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return {"code": code, "state": asked["state"], "iss": ISSUER}

    def rotate(self) -> None:
        """Replace the keys."""
        self.keys = [RSAKey.generate_key(2048, {"kid": f"rotated-{len(self.requests)}"})]

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Answer as the endpoint does."""
        self.requests.append(request)
        path = request.url.path.removeprefix("/realm")
        if path in self.answers:
            return self.answers[path]()
        endpoints = {
            "/.well-known/openid-configuration": lambda: _json(self.document),
            "/keys": lambda: _json({"keys": [key.as_dict(private=False) for key in self.keys]}),
            "/token": lambda: self._token(request),
            "/userinfo": lambda: _json({"sub": PERSON["sub"]} | self.told),
        }
        return endpoints[path]()

    def _token(self, request: httpx2.Request) -> httpx2.Response:
        form = dict(parse_qsl(request.read().decode()))
        asked = self.codes.pop(form["code"], None)
        if asked is None or _challenge(form["code_verifier"]) != asked["code_challenge"]:
            return _json({"error": "invalid_grant"}, 400)
        token = {"access_token": "access", "token_type": "Bearer", "expires_in": 300}
        granted = {} if self.scope is None else {"scope": self.scope}
        return _json(token | granted | {"id_token": self._id_token(asked)})

    def _id_token(self, asked: dict[str, str]) -> str:
        now = int(self._now().timestamp())
        times = {"iat": now, "exp": now + 300}
        claims = PERSON | times | {"iss": ISSUER, "aud": CLIENT, "nonce": asked["nonce"]}
        claims = {name: claims[name] for name in claims if name not in self.removed} | self.claims
        if self.algorithm == "none":
            return f"{_encoded({'alg': 'none'})}.{_encoded(claims)}."
        header = {"alg": self.algorithm, "kid": self.keys[0].kid}
        is_shared = self.algorithm.startswith("HS")
        public = json.dumps(self.keys[0].as_dict(private=False))
        key = OctKey.import_key(public) if is_shared else self.keys[0]
        return jwt.encode(header, claims, key, algorithms=[self.algorithm])


def _json(content: object, status: int = 200) -> httpx2.Response:
    body = json.dumps(content).encode()
    return httpx2.Response(status, headers={"content-type": "application/json"}, content=body)


def _challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _encoded(content: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()
