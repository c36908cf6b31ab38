"""The log of readings as a page and as a file: by person, run, content and day, within reach."""

import csv
import hashlib
import io

import pytest
from django.urls import reverse

from governance.ledger.models import Event
from runs.reading.models import Ticket
from runs.reading.services import About, open_ticket
from tests.counting import queries_of
from tests.factories.cast import Company
from tests.factories.runs import begin, chain, finish, released
from tests.visiting import visitor
from tests.web.world import MISSING, World, undone

ACCESS, EXPORT = "/access/", "/access/export/"


def open_output(world: World) -> None:
    """The auditor looks at the output."""
    visitor(world.northwind.auditor).get(reverse("runs:output", args=[world.step.pk]))


def test_the_page_says_who_saw_what_when_and_where(world: World) -> None:
    with undone():
        open_output(world)
        said = visitor(world.northwind.owner).get(ACCESS).content.decode()

        assert world.northwind.auditor.name in said
        assert "the page of the output" in said
        assert reverse("runs:output", args=[world.step.pk]) in said
        assert reverse("governance:event", args=[Ticket.objects.latest("id").event]) in said


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("run={done}", True), ("run={missing}", False), ("content={output}", True),
        ("content={missing}", False), ("kind=opened", True), ("kind=searched", False),
        ("person=Auditor", True), ("person=Nobody", False), ("object={step}", True),
        ("since=2020-01-01", True), ("until=2020-01-01", False),
    ],
)  # fmt: skip
def test_it_is_narrowed_by_the_address(query: str, found: bool, world: World) -> None:
    asked = query.format(done=world.done.pk, missing=MISSING, output=world.artifact.pk, step=world.step.pk)
    with undone():
        open_output(world)
        page = visitor(world.northwind.approver).get(f"{ACCESS}?{asked}")

        assert page.status_code == 200
        assert ("the page of the output" in page.content.decode()) is found


@pytest.mark.parametrize("query", ["kind=stolen", "run=1", "since=yesterday"])
def test_a_filter_that_cannot_be_read_is_said_so(query: str, world: World) -> None:
    with undone():
        open_output(world)
        page = visitor(world.northwind.owner).get(f"{ACCESS}?{query}")

        assert page.status_code == 400
        assert "the page of the output" not in page.content.decode()
        assert visitor(world.northwind.owner).get(f"{ACCESS}?order=actor").status_code == 400


def test_others_see_neither_the_page_s_rows_nor_the_file_s(world: World) -> None:
    with undone():
        open_output(world)
        for person in (world.rival.owner, world.northwind.stranger):
            for address in (ACCESS, EXPORT, "/api/v1/reads/"):
                assert str(world.step.pk) not in visitor(person).get(address).content.decode()


def test_the_file_has_the_same_rows_and_nothing_that_a_spreadsheet_would_compute(world: World) -> None:
    with undone():
        about = About("run", world.done.pk, world.done)
        open_ticket(
            about, actor=world.northwind.auditor, session="", kind=Ticket.Kind.OPENED,
            purpose="=HYPERLINK(1)", contents=[world.artifact.pk],
        )  # fmt: skip
        answer = visitor(world.northwind.auditor).get(f"{EXPORT}?run={world.done.pk}")

        assert answer["Content-Disposition"] == 'attachment; filename="readings.csv"'
        [head, row] = csv.reader(io.StringIO(answer.content.decode()))
        found = dict(zip(head, row, strict=True))
        assert found["purpose"] == "'=HYPERLINK(1)"
        assert (found["person"], found["run"]) == (world.northwind.auditor.name, str(world.done.pk))


def test_what_was_taken_as_a_file_is_in_the_log_with_its_digest(world: World) -> None:
    with undone():
        open_output(world)
        answer = visitor(world.northwind.owner).get(f"{EXPORT}?kind=opened")
        rows = len(list(csv.reader(io.StringIO(answer.content.decode())))) - 1

        told = Event.objects.filter(kind="content.exported").latest("id").details
        assert (told["filter"], told["rows"], told["cut"]) == ("kind=opened", str(rows), "no")
        assert told["sha256"] == hashlib.sha256(answer.content).hexdigest()


def test_a_file_that_has_not_all_rows_says_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runs.web.access.MOST_EXPORTED", 1)
    with undone():
        open_output(world)
        open_output(world)
        answer = visitor(world.northwind.auditor).get(EXPORT)

        assert 'filename="readings-only-the-newest-1.csv"' in answer["Content-Disposition"]
        assert len(list(csv.reader(io.StringIO(answer.content.decode())))) == 2
        told = Event.objects.filter(kind="content.exported").latest("id").details
        assert (told["rows"], told["cut"]) == ("1", "yes")


def test_the_output_s_page_names_who_has_seen_it(world: World) -> None:
    with undone():
        open_output(world)
        said = visitor(world.northwind.owner).get(reverse("runs:output", args=[world.step.pk]))

        assert "Who has seen this" in said.content.decode()
        assert world.northwind.auditor.name in said.content.decode()


def test_the_api_tells_the_same(world: World) -> None:
    with undone():
        open_output(world)
        client = visitor(world.northwind.owner)
        [read] = client.get(f"/api/v1/reads/?content={world.artifact.pk}").json()["results"]

        assert (read["actor_name"], read["kind"]) == (world.northwind.auditor.name, "opened")
        assert (read["about_type"], read["about_id"]) == ("step", str(world.step.pk))
        assert client.get(f"/api/v1/reads/?run={MISSING}").json()["results"] == []


@pytest.mark.django_db
def test_the_page_costs_the_same_however_long_the_log_is(northwind: Company) -> None:
    client = visitor(northwind.auditor)
    run = finish(begin(northwind, released(northwind, chain(1))))
    counts = []
    for _ in range(2):
        for _ in range(3):
            client.get(reverse("runs:output", args=[run.steps.get().pk]))
        counts.append(queries_of(client, ACCESS))

    assert counts[0] == counts[1]
