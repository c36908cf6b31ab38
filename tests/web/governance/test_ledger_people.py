"""GET /ledger/?by=people, and the other ways to find what somebody did"""

import re
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import psycopg
import pytest
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from governance.ledger.kinds import ROUTINE
from governance.ledger.models import Event
from governance.web import event_filter
from governance.web.event_filter import OBJECTS, EventFilter
from tests.factories.cast import Company
from tests.factories.runs import begin, chain, finish, released
from tests.harness.fresh import FreshDatabase
from tests.visiting import Browsing

LEDGER = reverse("governance:ledger")


def test_what_people_did_is_not_buried_under_what_the_engine_tells(
    northwind: Company, browsing: Browsing
) -> None:
    release = released(northwind, chain(2))
    run = finish(begin(northwind, release))
    client = browsing(northwind.owner)

    def told(**query: str) -> list[tuple[str, str]]:
        rows = client.get(LEDGER, query).context["rows"]
        return [(row.event.kind, row.event.actor_name) for row in rows]

    assert told(run=str(run.pk), by="people") == [("run.started", northwind.operator.name)]
    assert {kind for kind, _ in told(run=str(run.pk))} >= {"step.succeeded", "run.claimed", "run.succeeded"}
    by_people = told(by="people")
    assert ("release.activated", northwind.operator.name) in by_people
    assert {"engine", "sweeper", "set-up", "keeper"}.isdisjoint({name for _, name in by_people})
    chips = client.get(LEDGER, {"by": "people", "period": "7d"}).context["chips"]
    assert [chip["value"] for chip in chips] == ["People only", "Last 7 days"]


def test_what_people_did_is_read_by_an_index_without_the_rest(
    fresh_database: FreshDatabase, superuser: psycopg.Connection, northwind: Company
) -> None:
    """With no other index to be had PostgreSQL answers by this one: it holds all that is asked for."""
    superuser.execute(
        "UPDATE pg_index SET indisvalid = false WHERE indrelid = 'ledger_event'::regclass"
        " AND indexrelid <> 'ledger_event_by_people'::regclass"
    )
    asked = EventFilter({"by": "people"}, queryset=Event.objects.visible_to(northwind.auditor))
    sql, values = asked.qs[:25].query.sql_with_params()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {sql}", values)
        plan = "\n".join(line for (line,) in cursor.fetchall())
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'ledger_event_by_people'")
        (made,) = cursor.fetchone()
    assert "ledger_event_by_people" in plan
    assert set(re.findall(r"'([a-z]+\.[a-z_]+)'", made)) == set(ROUTINE)


@pytest.mark.parametrize(("days", "found"), [(0, True), (2, False), (8, False)])
def test_the_last_day_is_counted_from_now(
    northwind: Company, browsing: Browsing, monkeypatch: pytest.MonkeyPatch, days: int, found: bool
) -> None:
    client = browsing(northwind.auditor)
    later = timezone.now() + timedelta(days=days)
    monkeypatch.setattr(event_filter, "timezone", SimpleNamespace(now=lambda: later))
    rows = client.get(LEDGER, {"period": "1d"}).context["rows"]
    assert bool(rows) is found
    assert client.get(LEDGER, {"period": "1y"}).status_code == 400


def test_everything_that_events_are_about_can_be_asked_for() -> None:
    written = re.compile(r'about=\("([a-z_]+)"|About\(\s*"([a-z_]+)"')
    found = set()
    for package in ("governance", "runs", "portal"):
        for path in Path(__file__).parents[3].joinpath(package).rglob("*.py"):
            found |= {name for pair in written.findall(path.read_text()) for name in pair if name}
    assert found >= {"run", "task", "memory", "schedule", "opening"}
    assert found <= set(OBJECTS)
    assert "step" in OBJECTS
