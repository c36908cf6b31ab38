"""Whatever shows a content tells it first: one reading, one entry; what shows none tells nothing."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from governance.ledger.models import Event
from runs.reading.models import Ticket
from tests.visiting import visitor
from tests.web.world import World, undone

Asked = Callable[[World], str]


def at(name: str, pk: Callable[[World], Any] | None = None, query: str = "") -> Asked:
    """The address of a thing in the world."""
    return lambda world: reverse(name, args=[pk(world)] if pk else []) + query


SHOWING: dict[str, tuple[Asked, str, str]] = {
    "an output": (at("runs:output", lambda world: world.step.pk), "opened", "step"),
    "a content": (at("runs:artifact", lambda world: world.artifact.pk), "opened", "artifact"),
    "a file": (at("runs:artifact", lambda world: world.artifact.pk, "?download=1"), "exported", "artifact"),
    "a remembered value": (at("runs:memory-value", lambda world: world.memory.pk), "opened", "memory"),
    "its file": (at("runs:memory-value", lambda world: world.memory.pk, "?download=1"), "exported", "memory"),
    "a task": (at("runs:task", lambda world: world.task.pk), "opened", "task"),
    "what a version made": (at("runs:made", lambda world: world.version.pk), "listed", "version"),
    "a search": (at("search", query="?q=canary+of+Northwind+sings"), "searched", "person"),
    "the log as a file": (at("runs:access-export"), "exported", "person"),
    "an output's answer": (at("api:output", lambda world: world.step.pk), "opened", "step"),
    "a value's answer": (at("api:memory-version", lambda world: world.memory.pk), "opened", "memory"),
    "a content's answer": (
        at("api:artifact-content", lambda world: world.artifact.pk),
        "exported",
        "artifact",
    ),
    "a search's answer": (at("api:search", query="?q=canary+of+Northwind+sings"), "searched", "person"),
}
SILENT: dict[str, Asked] = {
    "home": at("home"),
    "runs": at("runs:list"),
    "a run": at("runs:run", lambda world: world.done.pk),
    "tasks": at("runs:tasks"),
    "memory": at("runs:memory"),
    "the log": at("runs:access"),
    "a search for a number": at("search", query="?q=NW-1"),
    "a run's answer": at("api:run", lambda world: world.done.pk),
    "the log's answer": at("api:reads"),
}
BODY = '"runs_artifact"."body"'


@pytest.mark.parametrize("what", SHOWING)
def test_what_shows_a_content_tells_it_once_and_before(what: str, world: World) -> None:
    address, kind, about = SHOWING[what]
    with undone():
        known = set(Ticket.objects.values_list("pk", flat=True))
        with CaptureQueriesContext(connection) as asked:
            assert visitor(world.northwind.auditor).get(address(world)).status_code == 200

        [ticket] = Ticket.objects.exclude(pk__in=known)
        assert (ticket.kind, ticket.about_type) == (kind, about)
        assert ticket.actor == world.northwind.auditor
        assert Event.objects.get(pk=ticket.event).kind == f"content.{kind}"
        before, told, _ = "\n".join(query["sql"] for query in asked).partition('INSERT INTO "runs_reading"')
        assert told
        assert BODY not in before


@pytest.mark.parametrize("what", SILENT)
def test_what_shows_none_tells_nothing_and_reads_none(what: str, world: World) -> None:
    with undone():
        known = Ticket.objects.count()
        with CaptureQueriesContext(connection) as asked:
            visitor(world.northwind.auditor).get(SILENT[what](world))

        assert Ticket.objects.count() == known
        assert not [query["sql"] for query in asked if BODY in query["sql"]]


def test_a_comparison_tells_what_it_lays_side_by_side(world: World) -> None:
    with undone():
        address = reverse("runs:compare", args=[world.done.pk, world.queued.pk])
        known = Ticket.objects.count()
        assert visitor(world.northwind.auditor).get(address).status_code == 200
        assert Ticket.objects.count() == known  # one of them made nothing


def test_who_may_not_see_it_tells_nothing(world: World) -> None:
    with undone():
        known = Ticket.objects.count()
        for address, _, about in SHOWING.values():
            if about != "person":
                assert visitor(world.rival.owner).get(address(world)).status_code == 404
        assert Ticket.objects.count() == known
