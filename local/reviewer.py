"""A reviewer's part over HTTP: read the mail, open the link, read the page, send the form."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.client import HTTPConnection
from urllib.parse import urlencode, urlsplit

LINK = re.compile(r"https?://[^\s<>\"]+/r/[^\s<>\"]+")
CODE = re.compile(r"(?<![\w/.-])(\d{3}) ?(\d{3})(?![\w/.-])")


class ReviewRefused(RuntimeError):
    """The site did not take a request; the message holds its status and words."""


@dataclass(frozen=True)
class Answer:
    """What the site answered."""

    status: int
    headers: Mapping[str, str]
    cookies: tuple[str, ...]
    body: str


Transport = Callable[[str, str, Mapping[str, str], str], Answer]


@dataclass(frozen=True)
class Form:
    """The decision form of a review page."""

    action: str
    hidden: Mapping[str, str]
    publishable: tuple[str, ...]


@dataclass
class Reviewer:
    """One person with a mail and a browser without script."""

    mail_text: str
    transport: Transport
    origin: str
    jar: dict[str, str] = field(default_factory=dict)

    @property
    def link(self) -> str:
        """The link of the mail."""
        found = LINK.search(self.mail_text)
        if found is None:
            raise ReviewRefused("the mail holds no link")
        return found[0]

    @property
    def code(self) -> str:
        """The six digits of the mail."""
        found = CODE.search(LINK.sub("", self.mail_text))
        if found is None:
            raise ReviewRefused("the mail holds no six-digit code")
        return found[1] + found[2]

    def open_link(self) -> str:
        """Follow the mailed link and give the page's path."""
        answer = self.send("GET", urlsplit(self.link).path)
        return urlsplit(answer.headers.get("location", "")).path

    def read_page(self, path: str) -> Form:
        """Read the review page and find its form."""
        finder = _FormFinder()
        finder.feed(self.send("GET", path).body)
        if finder.action is None:
            raise ReviewRefused(f"{path} holds no form: the review is closed")
        return Form(finder.action, finder.hidden, tuple(finder.publishable))

    def decide(
        self, form: Form, decision: str, *, approve: tuple[str, ...] = (), notes: str = ""
    ) -> Answer:
        """Send the form as a browser does."""
        fields = [*form.hidden.items(), ("decision", decision), ("notes", notes)]
        fields += [("code", self.code), *(("approve", draft) for draft in approve)]
        headers = {
            "content-type": "application/x-www-form-urlencoded",
            "origin": self.origin,
            "sec-fetch-site": "same-origin",
        }
        return self.send("POST", form.action, headers, urlencode(fields))

    def send(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, body: str = ""
    ) -> Answer:
        """Send a request with the cookies received so far.

        Raises: ReviewRefused for an answer of 400 and above.
        """
        cookies = "; ".join(f"{name}={value}" for name, value in self.jar.items())
        sent = dict(headers or {}) | ({"cookie": cookies} if cookies else {})
        answer = self.transport(method, path, sent, body)
        for cookie in answer.cookies:
            name, _, value = cookie.split(";", 1)[0].partition("=")
            self.jar[name] = value
        if answer.status >= 400:
            raise ReviewRefused(f"{method} {path} → {answer.status}: {_words(answer.body)}")
        return answer


def over_http(site_url: str) -> Transport:
    """Speak to a site on this machine."""
    address = urlsplit(site_url)

    def transport(method: str, path: str, headers: Mapping[str, str], body: str) -> Answer:
        connection = HTTPConnection(address.hostname or "127.0.0.1", address.port, timeout=60)
        try:
            connection.request(method, path, body=body.encode() or None, headers=dict(headers))
            response = connection.getresponse()
            text = response.read().decode()
            found = {name.lower(): value for name, value in response.getheaders()}
            cookies = tuple(response.headers.get_all("set-cookie") or ())
            return Answer(response.status, found, cookies, text)
        finally:
            connection.close()

    return transport


class _FormFinder(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.action: str | None = None
        self.hidden: dict[str, str] = {}
        self.publishable: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form" and given.get("method", "").lower() == "post":
            self.action = given.get("action", "")
        if tag == "input" and given.get("type") == "hidden":
            self.hidden[given["name"]] = given.get("value", "")
        if tag == "input" and given.get("name") == "approve" and "disabled" not in given:
            self.publishable.append(given["value"])


def _words(html: str) -> str:
    without_style = re.sub(r"<(style|script).*?</\1>", " ", html, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", without_style).split())[:300]
