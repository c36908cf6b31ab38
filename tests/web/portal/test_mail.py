"""Mail: sent by the server that the environment names, and without one neither sent nor written down."""

import os
import subprocess
import sys

import pytest
from django.test import Client
from pytest_django import Settings

from portal.env import ROOT
from tests.factories.cast import Company

SEND = (
    "import django; django.setup();"
    "from django.conf import settings;"
    "from django.core.mail import get_connection, send_mail;"
    "found = get_connection();"
    "print(type(found).__module__, getattr(found, 'host', ''), getattr(found, 'port', ''),"
    " getattr(found, 'username', ''), getattr(found, 'use_tls', ''), settings.DEFAULT_FROM_EMAIL);"
    "settings.EMAIL_HOST or send_mail('s', 'https://example.org/the-link', None, ['a@example.org'])"
)


def said(**environment: str) -> str:
    """What a process of the portal prints when it sends a mail."""
    known = {**os.environ, "DJANGO_SETTINGS_MODULE": "portal.settings", **environment}
    done = subprocess.run(
        [sys.executable, "-c", SEND], cwd=ROOT, env=known, capture_output=True, text=True, check=True
    )
    return done.stdout + done.stderr


def test_without_a_mail_server_nothing_is_sent_and_nothing_is_written_down() -> None:
    words = said(EMAIL_HOST="")
    assert words.startswith("django.core.mail.backends.dummy ")
    assert "the-link" not in words


def test_the_environment_names_the_mail_server() -> None:
    words = said(
        EMAIL_HOST="smtp.example.org", EMAIL_PORT="2525", EMAIL_USER="ann", EMAIL_PASSWORD="secret",
        EMAIL_USE_TLS="false", EMAIL_FROM="portal@example.org",
    )  # fmt: skip
    expected = "django.core.mail.backends.smtp smtp.example.org 2525 ann False portal@example.org"
    assert words.strip() == expected


@pytest.mark.parametrize("address", ["/account/password/reset/", "/account/password/reset/done/"])
def test_the_page_says_that_there_is_no_mail_and_whom_to_ask(
    northwind: Company, settings: Settings, address: str
) -> None:
    settings.EMAIL_HOST = ""
    page = Client().get(address).content.decode()
    assert "No mail server is set up" in page
    assert "platform owner" in page
    assert 'type="email"' not in page
    settings.EMAIL_HOST = "smtp.example.org"
    page = Client().get(address).content.decode()
    assert "No mail server" not in page
    assert ('type="email"' in page) == (not address.endswith("done/"))
