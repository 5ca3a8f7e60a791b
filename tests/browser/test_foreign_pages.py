"""A foreign web page can neither change nor read anything on the laptop cloud's ports."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page

from local.mailbox import SentEmail
from local.reviewer import Reviewer, http_transport
from local.running_stack import RunningStack
from tests.browser.foreign_page import Target, foreign_page, presigned, snapshot, targets

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

Record = Callable[[str, object], None]


def attack(page: Page, target: Target) -> tuple[int, list[str]]:
    """Attack an address and return the number of attempts and those that read something."""
    found: dict[str, Any] = page.evaluate("target => attack(target)", target.as_argument())
    with page.expect_popup() as popup:
        page.evaluate("url => openTab(url)", target.url)
    popup.value.wait_for_load_state()
    is_read = page.evaluate("canInspectTab()")
    popup.value.close()
    read = [*found["read"], *(["navigation"] if is_read else [])]
    return found["tried"] + 1, [f"{name}: {target.url[:80]}" for name in read]


def test_a_link_from_another_port_opens_a_presigned_url(
    browser: Browser, cloud: RunningStack
) -> None:
    url = presigned(cloud.stack, "an export")

    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{cloud.stack.authoring_url}/authoring")
        page.evaluate("url => location.assign(url)", url)
        page.wait_for_url(url)

        assert page.inner_text("body") == "an export"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_scenario_62_a_foreign_page_changes_and_reads_nothing(
    browser: Browser,
    cloud: RunningStack,
    pending_email: SentEmail,
    host: str,
    record_property: Record,
) -> None:
    site = cloud.stack.site_url
    path = urlsplit(Reviewer(pending_email.text, http_transport(site), site).open_link()).path
    before, tried = snapshot(cloud), 0
    reads: list[str] = []

    with foreign_page(host) as address, browser.new_context() as context:
        page = context.new_page()
        page.goto(address)
        for target in targets(cloud, path):
            attempts, read = attack(page, target)
            tried, reads = tried + attempts, reads + read

    after = snapshot(cloud)
    changes = [name for name in before if before[name] != after[name]]
    record_property(
        f"foreign page on {host}", f"{tried} attempts, {len(changes)} changes, {len(reads)} reads"
    )
    assert (changes, reads) == ([], [])
