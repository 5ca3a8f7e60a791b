"""A scripted reviewer who reads the email, opens the link and submits the form over HTTP."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.client import HTTPConnection
from urllib.parse import urlencode, urlsplit

LINK = re.compile(r"https?://[^\s<>\"]+/r/[^\s<>\"]+")
CODE = re.compile(r"(?<![\w/.-])(\d{3}) ?(\d{3})(?![\w/.-])")


class ReviewRefused(RuntimeError):
    """The site rejected a request; the message contains its status and text."""


@dataclass(frozen=True)
class HttpReply:
    """A response from the site."""

    status: int
    headers: Mapping[str, str]
    cookies: tuple[str, ...]
    body: str


Transport = Callable[[str, str, Mapping[str, str], str], HttpReply]


@dataclass(frozen=True)
class Form:
    """A review page's decision form."""

    action: str
    hidden: Mapping[str, str]
    publishable: tuple[str, ...]
    doubtful: tuple[str, ...] = ()  # drafts with doubts that must be confirmed


@dataclass
class Reviewer:
    """A reviewer with an email and a browser without JavaScript."""

    mail_text: str
    transport: Transport
    origin: str
    cookies: dict[str, str] = field(default_factory=dict)

    @property
    def link(self) -> str:
        """The review link in the email."""
        match = LINK.search(self.mail_text)
        if match is None:
            raise ReviewRefused("the email contains no link")
        return match[0]

    @property
    def code(self) -> str:
        """The six-digit code in the email."""
        match = CODE.search(LINK.sub("", self.mail_text))
        if match is None:
            raise ReviewRefused("the email contains no six-digit code")
        return match[1] + match[2]

    def open_link(self) -> str:
        """Follow the emailed link and return the path of the review page."""
        reply = self.send("GET", urlsplit(self.link).path)
        return urlsplit(reply.headers.get("location", "")).path

    def read_page(self, path: str) -> Form:
        """Fetch the review page and return its form."""
        finder = _FormFinder()
        finder.feed(self.send("GET", path).body)
        if finder.action is None:
            raise ReviewRefused(f"{path} has no form: the review is closed")
        return Form(finder.action, finder.hidden, tuple(finder.publishable), tuple(finder.doubtful))

    def decide(
        self, form: Form, decision: str, *, approve: tuple[str, ...] = (), notes: str = ""
    ) -> HttpReply:
        """Submit the form like a browser, confirming the doubts about the approved drafts."""
        fields = [*form.hidden.items(), ("decision", decision), ("notes", notes)]
        fields += [("code", self.code), *(("approve", draft) for draft in approve)]
        fields += [("confirm", draft) for draft in approve if draft in form.doubtful]
        headers = {
            "content-type": "application/x-www-form-urlencoded",
            "origin": self.origin,
            "sec-fetch-site": "same-origin",
        }
        return self.send("POST", form.action, headers, urlencode(fields))

    def send(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, body: str = ""
    ) -> HttpReply:
        """Send a request with the cookies received so far.

        Raises: ReviewRefused for a status of 400 or above.
        """
        cookie_header = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        all_headers = dict(headers or {}) | ({"cookie": cookie_header} if cookie_header else {})
        reply = self.transport(method, path, all_headers, body)
        for cookie in reply.cookies:
            name, _, value = cookie.split(";", 1)[0].partition("=")
            self.cookies[name] = value
        if reply.status >= 400:
            raise ReviewRefused(f"{method} {path} → {reply.status}: {_page_text(reply.body)}")
        return reply


def http_transport(site_url: str) -> Transport:
    """Return a transport that sends requests to a site on this machine."""
    address = urlsplit(site_url)

    def transport(method: str, path: str, headers: Mapping[str, str], body: str) -> HttpReply:
        connection = HTTPConnection(address.hostname or "127.0.0.1", address.port, timeout=60)
        try:
            connection.request(method, path, body=body.encode() or None, headers=dict(headers))
            response = connection.getresponse()
            text = response.read().decode()
            reply_headers = {name.lower(): value for name, value in response.getheaders()}
            cookies = tuple(response.headers.get_all("set-cookie") or ())
            return HttpReply(response.status, reply_headers, cookies, text)
        finally:
            connection.close()

    return transport


class _FormFinder(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.action: str | None = None
        self.hidden: dict[str, str] = {}
        self.publishable: list[str] = []
        self.doubtful: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form" and values.get("method", "").lower() == "post":
            self.action = values.get("action", "")
        if tag == "input" and values.get("type") == "hidden":
            self.hidden[values["name"]] = values.get("value", "")
        if tag == "input" and values.get("name") == "approve" and "disabled" not in values:
            self.publishable.append(values["value"])
        if tag == "input" and values.get("name") == "confirm":
            self.doubtful.append(values["value"])


def _page_text(html: str) -> str:
    without_style = re.sub(r"<(style|script).*?</\1>", " ", html, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", without_style).split())[:300]
