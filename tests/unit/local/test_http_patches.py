"""The site behaves like an HTTP API on AWS and rejects requests from foreign pages."""

import http.client
import json
from email.message import EmailMessage

import pytest

from local.emulator.http_api_routes import routes
from local.emulator_host import Cloud
from local.mailbox import SentEmail, mail_page

pytestmark = [pytest.mark.enable_socket, pytest.mark.usefixtures("deployment")]


NAVIGATION = {"sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}


def ask(
    address: str,
    path: str,
    method: str = "GET",
    body: str | None = None,
    headers: dict[str, str] | None = None,
) -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=20)
    try:
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()


def test_a_page_is_served_at_the_root_of_the_site(cloud: Cloud) -> None:
    response, body = ask(cloud.site_url, "/reviews/a%20b?x=1&x=2")

    assert response.status == 200
    assert json.loads(body) == {
        "path": "/reviews/a b",
        "query": "x=1&x=2",
        "params": {"review": "a b"},
    }


def test_each_cookie_has_its_own_header_and_redirects_stay_on_the_site(cloud: Cloud) -> None:
    response, _ = ask(cloud.site_url, "/reviews/enter")

    assert response.status == 303
    assert response.headers.get_all("set-cookie") == ["session=abc; HttpOnly", "csrf=def"]
    assert response.headers["location"] == "/reviews/one"


def test_head_returns_the_length_without_the_body(cloud: Cloud) -> None:
    _, shown_body = ask(cloud.site_url, "/reviews/one")

    response, body = ask(cloud.site_url, "/reviews/one", "HEAD")

    assert body == b""
    assert response.headers["content-length"] == str(len(shown_body))


@pytest.mark.parametrize("sent_from", ["own address", "page without referrer"])
def test_a_form_of_the_site_passes_with_its_cookies(cloud: Cloud, sent_from: str) -> None:
    origin = cloud.site_url if sent_from == "own address" else "null"
    headers = {
        "origin": origin,
        "sec-fetch-site": "same-origin",
        "cookie": "session=abc",
        "content-type": "application/x-www-form-urlencoded",
    }

    _, body = ask(cloud.site_url, "/reviews/one", "POST", "code=123456", headers)

    assert json.loads(body)["cookies"] == "session=abc"


@pytest.mark.parametrize("address", ["endpoint_url", "site_url", "mailbox_url", "authoring_url"])
@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "null", "sec-fetch-site": "cross-site"},
        {"origin": "http://127.0.0.1:1"},
        {"host": "evil.example"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "cross-site", **NAVIGATION},
    ],
)
def test_a_foreign_page_is_rejected_everywhere(
    cloud: Cloud, address: str, headers: dict[str, str]
) -> None:
    response, _ = ask(getattr(cloud, address), "/", "POST", "x=1", headers)

    assert response.status == 403
    assert "access-control-allow-origin" not in response.headers


@pytest.mark.parametrize("address", ["site_url", "mailbox_url", "authoring_url"])
@pytest.mark.parametrize(
    ("headers", "is_served"),
    [
        (NAVIGATION, True),
        (NAVIGATION | {"sec-fetch-dest": "iframe"}, False),
        (NAVIGATION | {"sec-fetch-dest": "object"}, False),
        ({"sec-fetch-mode": "no-cors", "sec-fetch-dest": "image"}, False),
        ({"sec-fetch-mode": "cors", "sec-fetch-dest": "empty"}, False),
        ({}, False),
    ],
)
@pytest.mark.parametrize("sent_from", ["same-site", "cross-site"])
def test_another_site_can_only_link_to_a_page(
    cloud: Cloud, address: str, headers: dict[str, str], is_served: bool, sent_from: str
) -> None:
    headers = headers | {"sec-fetch-site": sent_from}

    response, _ = ask(getattr(cloud, address), "/", "GET", None, headers)

    assert (response.status != 403) == is_served


@pytest.mark.parametrize("address", ["endpoint_url", "site_url", "mailbox_url", "authoring_url"])
def test_no_port_opens_a_websocket(cloud: Cloud, address: str) -> None:
    handshake = {
        "connection": "Upgrade",
        "upgrade": "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    }

    response, _ = ask(getattr(cloud, address), "/_aws/execute-api/any/stage", headers=handshake)

    assert response.status == 403


def test_the_authoring_pages_have_their_own_site(cloud: Cloud) -> None:
    response, body = ask(cloud.authoring_url, "/reviews/one")

    assert (response.status, body) == (503, b"Nothing is deployed yet.\n")


def test_a_route_that_requires_a_token_on_aws_is_open_here() -> None:
    integration = {"uri": "arn:aws:lambda:eu-west-1:1:function:show"}
    operation = {
        "x-amazon-apigateway-integration": integration,
        "security": [{"CourseAuthors": []}],
    }

    assert routes({"paths": {"/authoring": {"get": operation}}}) == [
        ("GET /authoring", integration)
    ]


def test_binary_bodies_are_passed_unchanged(cloud: Cloud) -> None:
    _, body = ask(cloud.site_url, "/pixel")

    assert body == bytes(range(256))


def test_the_client_does_not_see_a_functions_error(cloud: Cloud) -> None:
    response, body = ask(cloud.site_url, "/broken")

    assert response.status == 500
    assert json.loads(body) == {"message": "Internal Server Error"}


def test_a_path_without_a_route_is_not_found(cloud: Cloud) -> None:
    response, body = ask(cloud.site_url, "/nowhere")

    assert response.status == 404
    assert json.loads(body) == {"message": "Not Found"}


def send(cloud: Cloud, subject: str, html: str = "<p>Hello</p>") -> None:
    body = {"Text": {"Data": "See http://127.0.0.1:1/x?a=1&b=2\nnow"}, "Html": {"Data": html}}
    cloud.client("sesv2").send_email(
        FromEmailAddress="coursewright@example.edu",
        Destination={"ToAddresses": ["ada@example.edu"], "CcAddresses": ["bob@example.edu"]},
        Content={"Simple": {"Subject": {"Data": subject}, "Body": body}},
    )


def test_a_simple_email_is_in_the_mailbox(cloud: Cloud) -> None:
    send(cloud, "A simple mail")

    mail = next(mail for mail in cloud.mailbox.mails() if "bob@example.edu" in mail.recipients)

    assert mail.subject == "A simple mail"
    assert mail.sender == "coursewright@example.edu"
    assert mail.recipients == ("ada@example.edu", "bob@example.edu")
    assert mail.html == "<p>Hello</p>"


def test_a_raw_email_is_decoded_as_declared(cloud: Cloud) -> None:
    message = EmailMessage()
    message["From"] = "Coursewright <coursewright@example.edu>"
    message["To"] = "Grace <grace@example.edu>"
    message["Subject"] = "Überprüfung fällig"
    message.set_content("Grüße")
    message.add_alternative("<p>Grüße</p>", subtype="html")

    cloud.client("sesv2").send_email(Content={"Raw": {"Data": message.as_bytes()}})

    mail = next(mail for mail in cloud.mailbox.mails() if "grace@example.edu" in mail.recipients)
    assert mail.sender == "coursewright@example.edu"
    assert mail.subject == "Überprüfung fällig"
    assert mail.text.strip() == "Grüße"
    assert mail.html.strip() == "<p>Grüße</p>"


def test_the_mailbox_lists_emails_and_shows_one(cloud: Cloud) -> None:
    send(cloud, "<b>bold</b> subject", html='<script>alert("x")</script>')
    number = len(cloud.mailbox.mails())

    _, listed = ask(cloud.mailbox_url, "/")
    response, shown = ask(cloud.mailbox_url, f"/{number}")

    assert b"&lt;b&gt;bold&lt;/b&gt; subject" in listed
    assert f'href="/{number}"'.encode() in listed
    assert b"<script" not in shown
    assert b'<iframe sandbox="allow-popups"' in shown
    assert b'href="http://127.0.0.1:1/x?a=1&amp;b=2"' in shown
    assert "default-src 'none'" in response.headers["content-security-policy"]


@pytest.mark.parametrize("path", ["/999", "/0", "/x", "/1/2"])
def test_an_unknown_email_is_not_found(cloud: Cloud, path: str) -> None:
    response, _ = ask(cloud.mailbox_url, path)

    assert response.status == 404


def test_an_email_without_html_has_no_frame(cloud: Cloud) -> None:
    from datetime import UTC, datetime

    mail = SentEmail("a@example.edu", ("b@example.edu",), "Hi", "<text>", "", datetime.now(UTC))

    page = mail_page(mail)

    assert "iframe" not in page.split("</style>")[1]
    assert "&lt;text&gt;" in page
