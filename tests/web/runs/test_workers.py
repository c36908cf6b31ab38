"""The page of the workers, and the same for programs."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now
from django.test import Client

from runs.durable.claim import claim
from runs.durable.sweep import Swept
from runs.durable.watching import Watch
from runs.records.models import Run
from runs.records.workers import SweeperPass, Worker
from tests.api.callers import by_session
from tests.factories.cast import Company
from tests.factories.runs import begin, chain, expire, released
from tests.visiting import visitor

AGO = {name: Now() - timedelta(seconds=seconds) for name, seconds in {"now": 0, "minute": 60}.items()}


def worker(name: str, *, seen: str = "now", **changed: Any) -> Worker:
    """A row as a worker writes it."""
    facts: dict[str, Any] = {
        "pool": "all", "slots": 4, "forked": False, "version": "0.1.0", "functions": 3,
        "functions_sha256": "a" * 64,
    }  # fmt: skip
    return Worker.objects.create(name=name, seen_at=AGO[seen], **{**facts, **changed})


@pytest.fixture
def operator(northwind: Company) -> Client:
    """The operator at the browser."""
    return visitor(northwind.operator)


def page(client: Client) -> str:
    """What the page says."""
    answer = client.get("/workers/")
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_without_workers_and_sweeper_it_says_what_to_start(operator: Client) -> None:
    said = page(operator)

    assert "The sweeper does not look." in said
    assert "No worker is alive." in said
    assert "manage.py sweep --loop" in said
    assert "No worker has announced itself" in said


def test_who_is_alive_silent_and_gone(operator: Client) -> None:
    worker("here:1", busy=2, memory=98_000_000)
    worker("dead:2", seen="minute", busy=3)
    worker("gone:3", left_at=Now())
    worker("computing:4", pool="cpu", slots=2, forked=True)
    Watch(lambda found: None).look()

    said = page(operator)

    for words in ("here:1", "dead:2", "gone:3", "Silent", "Left", "98 MB", "2 processes", "2 of 6 busy"):
        assert words in said
    assert "does not look" not in said
    assert "No worker is alive" not in said


def test_a_sweeper_that_has_stopped_is_a_warning(operator: Client) -> None:
    worker("here:1")
    Watch(lambda found: None).look()
    SweeperPass.objects.update(at=AGO["minute"], found={"recovered": 3}, found_at=AGO["minute"])

    said = page(operator)

    assert "The sweeper does not look." in said
    assert "3 taken back" in said


def test_what_waits_and_what_nobody_serves(northwind: Company, operator: Client) -> None:
    release = released(northwind, chain(1))
    computing, held, lost, lacking = (begin(northwind, release) for _ in range(4))
    Run.objects.filter(pk=computing.pk).update(pool="cpu")
    claim(held.pk, worker="x")
    claim(lost.pk, worker="x")
    expire(lost)
    claim(lacking.pk, worker="x")
    Run.objects.filter(pk=lacking.pk).update(
        state="waiting", waits_for="worker", wake_at=Now(), lease_until=None
    )
    worker("here:1", pool="io")

    said = page(operator)

    assert "Runs wait in the pool “cpu”, and no worker serves it." in said
    assert "1 run finds no capable worker." in said
    assert "1 expired" in said
    assert northwind.organisation.name in said


def test_other_organisations_runs_are_not_counted(
    northwind: Company, rival: Company, operator: Client
) -> None:
    begin(northwind, released(northwind, chain(1)))

    said = page(visitor(rival.owner))

    assert "Nothing waits" in said
    assert northwind.organisation.name not in said
    assert "Nothing waits" not in page(operator)


def test_programs_read_the_same(northwind: Company) -> None:
    begin(northwind, released(northwind, chain(1)))
    worker("here:1", busy=1)
    worker("dead:2", seen="minute")

    found = by_session(northwind.operator).get("workers/").json()

    assert (found["slots"], found["busy"], found["lacking"]) == (4, 1, 0)
    assert [(row["name"], row["standing"]) for row in found["workers"]] == [
        ("here:1", "alive"),
        ("dead:2", "silent"),
    ]
    [queue] = found["queues"]
    assert (queue["pool"], queue["organisation"], queue["waiting"]) == (
        "io", northwind.organisation.name, 1,
    )  # fmt: skip
    assert found["leases"] == {"held": 0, "expired": 0}
    assert found["sweeper"] == {"last": None, "late": True}


def test_who_looks_after_no_runs_is_refused_and_sees_no_entry(northwind: Company, operator: Client) -> None:
    author = visitor(northwind.author)

    assert author.get("/workers/").status_code == 403
    assert 'href="/workers/"' not in author.get("/").content.decode()
    assert 'href="/workers/"' in operator.get("/").content.decode()


def test_the_sweeper_tells_what_it_found_and_forgets_old_workers(northwind: Company) -> None:
    run = begin(northwind, released(northwind, chain(1)))
    claim(run.pk, worker="dead")
    expire(run)
    worker("old:1")
    Worker.objects.filter(name="old:1").update(seen_at=Now() - timedelta(days=2))
    worker("left:2", left_at=Now() - timedelta(hours=2))
    worker("here:3")
    said: list[Swept] = []

    watch = Watch(said.append)
    watch.look()
    watch.look()

    last = SweeperPass.objects.get()
    assert said == [Swept(recovered=1)]
    assert last.found["recovered"] == 1
    assert last.found_at is not None
    assert [found.name for found in Worker.objects.all()] == ["here:3"]
