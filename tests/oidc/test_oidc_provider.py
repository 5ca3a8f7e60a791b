"""Signing in at npm's oidc-provider, a certified issuer; `make oidc` installs and names it."""

import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import httpx2
import pytest

from coursewright.adapters.oidc_issuer import OidcIssuer
from coursewright.domain.sign_in import AuthorSession, IssuerClient
from tests.unit.authoring.builders import AUTHORING
from tests.unit.authoring.test_sign_in import SESSION, Visitor
from tests.unit.review.builders import FixedClock

FOLDER = os.environ.get("OIDC_PROVIDER", "")
NODE = shutil.which("node") or ""
CALLBACK = f"{AUTHORING}/authoring/callback"
FIELDS = {"login": "lin", "password": "any"}

pytestmark = [
    pytest.mark.enable_socket,
    pytest.mark.skipif(
        not (FOLDER and NODE), reason="run `make oidc`, which installs npm's oidc-provider"
    ),
]


@pytest.fixture
def issuer() -> Iterator[str]:
    """Yield the address of a running issuer."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    script = Path(__file__).parent / "provider.mjs"
    command = [NODE, str(script), FOLDER, str(port), AUTHORING]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        yield f"http://127.0.0.1:{port}"
        process.terminate()


class RealVisitor(Visitor):
    """A browser in front of the authoring pages, whose issuer is a real server."""

    def __init__(self, issuer: str) -> None:
        super().__init__()
        self.browser = httpx2.Client(trust_env=False)
        self.connections = httpx2.HTTPTransport()
        self.harness.clock = SystemTime()
        self.access = type(self.access)(cookies=self.access.cookies, clock=self.harness.clock)
        client = IssuerClient(issuer=issuer, client_id="coursewright", scope="coursewright/author")
        self.issuer = OidcIssuer(
            client, secret=str, clock=self.harness.clock, transport=self.connections
        )

    def answer_of_issuer(self) -> dict[str, str]:
        """Sign in at the issuer as a person does, and return what it sends back."""
        address = self.go("/authoring/sign-in").headers["location"]
        response = self.browser.get(address)
        while True:
            if response.is_redirect:
                target = str(response.next_request.url) if response.next_request else ""
                if target.startswith(CALLBACK):
                    return dict(httpx2.URL(target).params)
                response = self.browser.get(target)
            else:
                response = self._submit(response)

    def _submit(self, page: httpx2.Response) -> httpx2.Response:
        form = re.search(r'<form[^>]* action="([^"]+)"', page.text)
        assert form, page.text
        hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text)
        fields = {name: unescape(value) for name, value in hidden} | FIELDS
        return self.browser.post(str(page.url.join(unescape(form[1]))), data=fields)


class SystemTime(FixedClock):
    """The time by which a real issuer dates its tokens."""

    def __init__(self) -> None:
        from coursewright.adapters.clock import SystemClock

        self.now = SystemClock().now  # type: ignore[method-assign]


@pytest.fixture
def visitor(issuer: str) -> Iterator["RealVisitor"]:
    """Yield a visitor whose connections are closed afterwards."""
    visiting = RealVisitor(issuer)
    with visiting.browser, visiting.connections:
        yield visiting


def test_an_author_signs_in_at_a_certified_issuer(visitor: RealVisitor) -> None:
    back = visitor.finish(visitor.answer_of_issuer())

    session = visitor.access.cookies.open(AuthorSession, visitor.cookies[SESSION])
    assert back.status == 303
    assert session
    assert session.author.model_dump(exclude={"is_program"}) == {
        "sub": "lin",
        "name": "Lin Chen",
        "email": "lin@example.edu",
    }


def test_a_certified_issuer_redeems_a_code_once(visitor: RealVisitor) -> None:
    answer = visitor.answer_of_issuer()
    cookies = dict(visitor.cookies)
    visitor.finish(answer)
    visitor.cookies = cookies

    again = visitor.finish(answer)

    assert again.status == 400
    assert SESSION not in visitor.cookies


def test_a_certified_issuer_signs_out_and_returns_to_our_page(
    issuer: str, visitor: RealVisitor
) -> None:
    visitor.finish(visitor.answer_of_issuer())

    shown = visitor.go("/authoring/sign-out", method="POST")
    address = shown.headers["refresh"].removeprefix("0; url=")
    asked = visitor.browser.get(address)
    secret = re.search(r'name="xsrf" value="([^"]+)"', asked.text)
    assert secret
    ended = visitor.browser.post(
        f"{issuer}/session/end/confirm", data={"xsrf": secret[1], "logout": "yes"}
    )

    assert visitor.cookies == {}
    assert ended.headers["location"].startswith(f"{AUTHORING}/authoring/signed-out")
