"""GET /healthz and /readyz"""

import pytest
from django.test import Client
from pytest_django import Settings

from portal.web import health
from tests.harness.fresh import FreshDatabase

PARTS = {"database", "migrations", "roles", "broker"}


@pytest.fixture(autouse=True)
def _nothing_is_known_yet() -> None:
    health._found.cache_clear()


def test_the_process_says_that_it_is_alive_without_asking_anything_else(client: Client) -> None:
    response = client.get("/healthz")
    assert response.json() == {"status": "ok"}
    assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db
def test_readiness_is_all_parts_or_503(client: Client, settings: Settings) -> None:
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    response = client.get("/readyz")
    found = response.json()
    assert response.status_code == 503
    assert found["status"] == "not ready"
    assert found["parts"] == dict.fromkeys(PARTS, "ok") | {"broker": "unreachable"}


@pytest.mark.django_db
def test_everything_there_is_ready(client: Client, settings: Settings) -> None:
    settings.CELERY_BROKER_URL = "memory://"
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {"status": "ok", "parts": dict.fromkeys(PARTS, "ok")}


@pytest.mark.django_db
def test_within_a_second_the_parts_are_asked_once(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    moments = iter([7.1, 7.9, 8.0])

    def asking(name: str, check: object) -> str:
        asked.append(name)
        return "ok"

    monkeypatch.setattr(health, "_asked", asking)
    monkeypatch.setattr(health, "monotonic", lambda: next(moments))
    for _ in range(3):
        assert client.get("/readyz").status_code == 200

    assert len(asked) == 2 * len(PARTS)


@pytest.mark.django_db
def test_a_failing_part_tells_no_details(client: Client, settings: Settings) -> None:
    settings.CELERY_BROKER_URL = "redis://user:hunter2@127.0.0.1:1/0"
    assert b"hunter2" not in client.get("/readyz").content


@pytest.mark.django_db
def test_the_log_says_why_a_part_is_not_there(
    client: Client, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    client.get("/readyz")
    (line,) = [found for found in caplog.records if found.name == "portal.web.health"]
    assert line.getMessage() == "readiness: broker cannot be reached"
    assert line.exc_info is not None


def test_migrations_that_wait_are_not_ready(client: Client, fresh_database: FreshDatabase) -> None:
    with fresh_database.connect("owner") as owner:
        owner.execute("DELETE FROM django_migrations WHERE app = 'runs'")
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["parts"]["migrations"] == "not applied"
