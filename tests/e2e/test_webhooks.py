"""A webhook as its users meet it: opened by keys, tried with what its page offers, sent to in pieces."""

import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.browser import Visitor, visitor
from tests.e2e.portal_process import RunningPortal
from tests.factories.webhooks import signature

pytestmark = pytest.mark.browser

EXAMPLE = re.compile("^BODY='(.*)'$", re.MULTILINE)


@pytest.fixture
def operator(browser: Browser, portal: RunningPortal) -> Iterator[Visitor]:
    """The operator at a browser."""
    with visitor(browser, portal.url) as found:
        found.listen()
        found.sign_in("operator@northwind.example", portal.password)
        yield found


def open_webhook(operator: Visitor, name: str) -> tuple[str, str]:
    """By keys alone; its secret and address as the page shows them."""
    page = operator.page
    page.goto(f"{operator.url}/webhooks/new/")
    page.locator("#id_name").focus()
    page.keyboard.type(name)
    page.keyboard.press("Enter")
    page.wait_for_selector("code.token")
    shown = page.locator("code.token").all_text_contents()
    return shown[0], shown[1]


def in_pieces(address: str, secret: str, body: bytes, *, key: str) -> str:
    """Deliver with chunked transfer coding; the first line of the answer."""
    place, now = urlsplit(address), int(time.time())
    head = [
        f"POST {place.path} HTTP/1.1",
        f"Host: {place.netloc}",
        "Content-Type: application/json",
        "Transfer-Encoding: chunked",
        f"webhook-id: {key}",
        f"webhook-timestamp: {now}",
        f"webhook-signature: {signature(secret, body, key=key, at=now)}",
    ]
    pieces = [body[start : start + 4096] for start in range(0, len(body), 4096)]
    sent = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
    with socket.create_connection((str(place.hostname), place.port or 80), timeout=30) as connection:
        connection.sendall("\r\n".join(head).encode() + b"\r\n\r\n" + sent)
        return connection.makefile("rb").readline().decode().strip()


def test_what_the_page_offers_to_try_it_starts_runs(operator: Visitor, tmp_path: Path) -> None:
    open_webhook(operator, "Tried at once")
    page = operator.page
    expect(page.locator(".secret")).to_be_focused()
    shell, python = page.locator(".snippet pre").all_text_contents()
    for name, code, command in (("try.sh", shell, "sh"), ("try.py", python, sys.executable)):
        file = tmp_path / name
        file.write_text(code, encoding="utf-8")
        done = subprocess.run([command, str(file)], capture_output=True, text=True, check=True, timeout=60)
        assert '"run":"' in done.stdout, done

    page.get_by_role("link", name="To the webhook").click()
    deliveries = page.get_by_role("region", name="Deliveries, newest first")
    expect(deliveries.locator("tbody tr")).to_have_count(2)
    deliveries.locator("tbody a").first.click()
    expect(page.get_by_text("Started by the webhook")).to_be_visible()
    assert operator.complaints == []


def test_a_body_in_pieces_is_measured_and_read(operator: Visitor) -> None:
    secret, address = open_webhook(operator, "In pieces")
    found = EXAMPLE.search(operator.page.locator(".snippet pre").first.text_content() or "")
    assert found is not None
    body = found[1].encode()

    assert in_pieces(address, secret, body, key="msg_1") == "HTTP/1.1 202 Accepted"
    assert in_pieces(address, secret, body, key="msg_1") == "HTTP/1.1 200 OK"
    large = b'{"letter": "%s"}' % (b"x" * 256_000)
    assert in_pieces(address, secret, large, key="msg_2").startswith("HTTP/1.1 413 ")


def test_a_secret_is_replaced_and_the_webhook_retired_by_keys(operator: Visitor) -> None:
    open_webhook(operator, "By keys")
    page = operator.page
    page.get_by_role("link", name="To the webhook").press("Enter")
    page.get_by_role("button", name="New secret").press("Enter")
    page.get_by_label("The secret until now stays good for").press("ArrowUp")
    page.get_by_role("button", name="Make a new secret").press("Enter")
    page.wait_for_selector("code.token")
    assert operator.axe_findings() == []
    page.get_by_role("link", name="To the webhook").press("Enter")
    expect(page.get_by_text("Secret 2 In use")).to_be_visible()
    page.get_by_role("button", name="Retire").press("Enter")
    page.locator("#reason-retire").fill("The sender is gone.")
    page.keyboard.press("Enter")

    expect(page.get_by_text("It is retired.")).to_be_visible()
    assert operator.axe_findings() == []
    assert operator.complaints == []


def test_a_webhook_is_renamed_by_keys_and_the_focus_comes_back(operator: Visitor) -> None:
    open_webhook(operator, "Old name")
    page = operator.page
    page.get_by_role("link", name="To the webhook").press("Enter")
    button = page.get_by_role("button", name="Rename")
    button.press("Enter")
    sheet = page.get_by_role("dialog", name="Rename the webhook")
    expect(sheet).to_be_visible()
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    expect(button).to_be_focused()
    button.press("Enter")
    page.locator("#name-rename").focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("New name")
    page.keyboard.press("Enter")

    expect(page.get_by_text("The webhook is called “New name” now.")).to_be_visible()
    expect(page.get_by_role("heading", name="New name")).to_be_visible()
    assert operator.complaints == []
