"""What the environment may name, and what becomes of its keys."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import pytest
from pydantic import ValidationError
from pydantic_settings import SettingsError
from pytest_django import Settings

from portal.env import Environment
from runs.providers.endpoints import endpoint, known_endpoints
from runs.providers.wire import Answer

CRM = {"base_url": "https://crm.example.org/api/", "api_key": "sk-crm", "timeout_seconds": 10}


def read(monkeypatch: pytest.MonkeyPatch, endpoints: Any) -> Environment:
    """The environment with these endpoints."""
    monkeypatch.setenv("HTTP_ENDPOINTS", endpoints if isinstance(endpoints, str) else json.dumps(endpoints))
    return Environment()


def test_an_endpoint_is_read_with_its_key(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    found = read(monkeypatch, {"crm": CRM, "bank": {**CRM, "header": "X-Api-Key"}})
    settings.HTTP_ENDPOINTS = {name: each.plain() for name, each in found.http_endpoints.items()}

    assert known_endpoints() == ["bank", "crm"]
    crm, bank = endpoint("crm"), endpoint("bank")
    assert crm is not None
    assert bank is not None
    assert (crm.base_url, crm.host, crm.timeout_seconds) == (
        "https://crm.example.org/api", "crm.example.org", 10
    )  # fmt: skip
    assert (crm.headers, bank.headers) == ({"Authorization": "Bearer sk-crm"}, {"X-Api-Key": "sk-crm"})
    assert "sk-crm" not in repr(found)


def test_more_model_servers_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLM_PROVIDERS", '{"second": {"base_url": "https://llm.example.org/v1"}}')

    found = Environment().llm_providers["second"].plain()

    assert found == {
        "base_url": "https://llm.example.org/v1",
        "api_key": "",
        "timeout_seconds": 120.0,
        "weights_sha256": "",
    }


@pytest.mark.parametrize(
    "wrong",
    [
        {"base_url": "ftp://crm.example.org"},
        {"base_url": "https://user:sk-crm@crm.example.org"},
        {"base_url": "https://crm.example.org/?key=sk-crm"},
        {"base_url": "https://crm.example.org/#x"},
        {"base_url": "crm.example.org"},
        {"base_url": "https:///api"},
        {"timeout_seconds": 0},
        {"header": "X-Key: sk-crm\r\nHost"},
        {"password": "sk-crm"},
    ],
)
def test_what_is_no_address_stops_the_start_without_telling_a_key(
    monkeypatch: pytest.MonkeyPatch, wrong: dict[str, Any]
) -> None:
    with pytest.raises(ValidationError, match="http_endpoints") as refusal:
        read(monkeypatch, {"crm": {**CRM, **wrong}})

    assert "sk-crm" not in str(refusal.value)


@pytest.mark.parametrize("wrong", ['{"Crm": {"base_url": "https://crm.example.org"}}', "[]", "{"])
def test_a_name_or_a_list_that_is_none_stops_the_start(monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    with pytest.raises((ValidationError, SettingsError), match="http_endpoints"):
        read(monkeypatch, wrong)


SENT = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [
        ("7", 7),
        ("0", 0),
        ("999999999999999999", 86_400),
        (format_datetime(SENT + timedelta(seconds=40), usegmt=True), 40),
        (format_datetime(SENT - timedelta(seconds=40), usegmt=True), 0),
        ("-1", None),
        ("1.5", None),
        ("٣", None),
        ("soon", None),
        ("Sun, 99 Nov 2026 12:00:00 GMT", None),
        ("", None),
    ],
)
def test_when_to_come_back_is_a_count_or_a_date(asked: str, seconds: float | None) -> None:
    headers = [(b"retry-after", asked.encode()), (b"date", format_datetime(SENT, usegmt=True).encode())]

    assert Answer(429, httpx.Headers(headers), b"").retry_after == seconds
