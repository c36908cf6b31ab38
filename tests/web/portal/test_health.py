"""GET /healthz and /readyz"""

from concurrent.futures import ThreadPoolExecutor
from time import sleep

import pytest
from django.test import Client
from pytest_django import Settings

from portal.web import health
from tests.harness.fresh import FreshDatabase

PARTS = {"database", "migrations", "roles", "broker"}


@pytest.fixture(autouse=True)
def _nothing_is_known_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "found", health.Found())


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


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The parts that were asked, each of which takes its time."""
    found: list[str] = []

    def asking(name: str, check: object) -> str:
        found.append(name)
        sleep(0.1)
        return "ok"

    monkeypatch.setattr(health, "_asked", asking)
    return found


def test_an_answer_holds_for_a_second_from_when_it_was_there(
    client: Client, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    moments = iter([7.0, 9.5, 10.4, 10.5, 11.0])
    monkeypatch.setattr(health, "monotonic", lambda: next(moments))
    for _ in range(2):
        assert client.get("/readyz").status_code == 200
    assert len(asked) == len(PARTS)

    client.get("/readyz")

    assert len(asked) == 2 * len(PARTS)


def test_who_asks_while_another_does_waits_for_that_answer(
    asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "monotonic", lambda: 7.0)  # however long the machine takes
    with ThreadPoolExecutor(4) as threads:
        answers = [answer.result() for answer in [threads.submit(health.found.parts) for _ in range(4)]]

    assert answers == [dict.fromkeys(PARTS, "ok")] * 4
    assert len(asked) == len(PARTS)


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
