"""GET /ledger/ and /ledger/<id>/"""

import hashlib

import pytest
from django.urls import reverse

from governance.ledger.kinds import Kind
from governance.ledger.models import Event
from governance.web.history import SENTENCES
from tests.counting import queries_of
from tests.factories.cast import Company
from tests.factories.runs import begin, chain, finish, released
from tests.factories.standing import half_undone, undone
from tests.factories.things import make_active, make_prompt
from tests.harness.fresh import FreshDatabase
from tests.visiting import Browsing

LEDGER = reverse("governance:ledger")


def test_events_stand_newest_first_in_sentences(northwind: Company, browsing: Browsing) -> None:
    prompt = make_prompt(northwind)
    page = browsing(northwind.auditor).get(LEDGER)
    newest = page.context["rows"][0]
    assert newest.event.object_id == prompt.pk
    assert newest.sentence == f"wrote {prompt.asset.slug} v1: for the test"
    assert f"<b>Anna Author</b> wrote {prompt.asset.slug} v1" in page.content.decode()


def test_a_step_is_named_with_the_case_of_its_run(northwind: Company, browsing: Browsing) -> None:
    named = finish(begin(northwind, released(northwind, chain(1)), reference="CASE-9"))
    nameless = finish(begin(northwind, named.release))
    client = browsing(northwind.auditor)
    for run, case in ((named, "CASE-9"), (nameless, str(nameless.pk))):
        rows = client.get(LEDGER, {"run": str(run.pk)}).context["rows"]
        committed = next(row for row in rows if row.event.kind == "step.succeeded")
        assert (committed.sentence, committed.case) == ("committed the step step_0", case)
        assert committed.url == reverse("runs:output", args=[run.steps.get().pk])
    assert "Committed the step step_0" in client.get(reverse("runs:run", args=[named.pk])).content.decode()


def test_a_step_that_is_undone_is_not_said_to_be_committed_again(
    northwind: Company, browsing: Browsing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEEDED_FILE", "/nowhere")
    for made, undoing in (
        (undone, "undid the step reserve"),
        (half_undone, "recorded that the step reserve could not be undone"),
    ):
        run = made(northwind)
        rows = browsing(northwind.auditor).get(LEDGER, {"run": str(run.pk)}).context["rows"]
        told = [row.sentence for row in rows if "reserve" in row.sentence and "began" not in row.sentence]
        assert (told[0], told[-1]) == (undoing, "committed the step reserve")
        assert told.count("committed the step reserve") == 1


def test_each_filter_narrows_and_stands_in_the_address(northwind: Company, browsing: Browsing) -> None:
    release, _ = make_active(northwind)
    client = browsing(northwind.auditor)

    def kinds(**query: str) -> set[str]:
        return {row.event.kind for row in client.get(LEDGER, query).context["rows"]}

    assert kinds(kind="approval.voted") == {"approval.voted"}
    assert kinds(object=str(release.pk)) == {"release.submitted", "release.activated"}
    assert kinds(type="release", actor="otto") == {"release.activated"}
    assert kinds(since="2100-01-01") == set()
    chips = client.get(LEDGER, {"kind": "approval.voted", "actor": "aron"}).context["chips"]
    assert [(chip["label"], chip["remove_url"]) for chip in chips] == [
        ("Event", "?actor=aron"),
        ("By", "?kind=approval.voted"),
    ]


def test_who_owns_no_organisation_is_told_that_its_own_entries_are_not_among_these(
    northwind: Company, browsing: Browsing
) -> None:
    told = "Entries of the organisation itself (people, teams, environments, prices) are shown to its"
    for query in ({}, {"kind": "environment.created"}):
        assert told in browsing(northwind.auditor).get(LEDGER, query).content.decode()
        assert told not in browsing(northwind.owner).get(LEDGER, query).content.decode()
    page = browsing(northwind.auditor).get(LEDGER, {"kind": "environment.created"})
    assert page.context["rows"] == []
    assert "Nothing in your organisations" not in page.content.decode()


@pytest.mark.parametrize(
    "query",
    [
        {"kind": "made.up"},
        {"run": "seven"},
        {"object": "\x00"},
        {"actor": "nul\x00"},
        {"since": "yesterday"},
        {"order": "actor__password"},
        {"record__contains": "x"},
        {"after": "0"},
    ],
)
def test_what_is_no_filter_is_refused(northwind: Company, browsing: Browsing, query: dict[str, str]) -> None:
    assert browsing(northwind.auditor).get(LEDGER, query).status_code == 400


def test_the_ledger_costs_the_same_queries_for_few_events_and_for_many(
    northwind: Company, browsing: Browsing
) -> None:
    client = browsing(northwind.auditor)
    before = queries_of(client, LEDGER)
    make_active(northwind)
    assert queries_of(client, LEDGER) == before
    assert before <= 12


def test_pages_lead_to_each_other_without_losing_an_event(northwind: Company, browsing: Browsing) -> None:
    for _ in range(14):
        make_prompt(northwind)
    client = browsing(northwind.owner)
    shown, address = [], ""
    while True:
        page = client.get(LEDGER + address)
        shown += [row.event.pk for row in page.context["rows"]]
        address = page.context["page"].older_url
        if not address:
            break
    expected = Event.objects.filter(organisation=northwind.organisation.pk).order_by("-id")
    expected = expected.exclude(kind__startswith="row.")
    assert shown == list(expected.values_list("pk", flat=True))


def test_another_organisation_sees_its_own_events_alone(
    northwind: Company, rival: Company, browsing: Browsing
) -> None:
    make_prompt(northwind)
    client = browsing(rival.auditor)
    rows = client.get(LEDGER).context["rows"]
    assert {row.event.organisation for row in rows} == {rival.organisation.pk}
    foreign = Event.objects.filter(organisation=northwind.organisation.pk).first()
    assert foreign is not None
    assert client.get(LEDGER, {"object": str(foreign.object_id)}).context["rows"] == []
    assert client.get(reverse("governance:event", args=[foreign.pk])).status_code == 404


def test_an_event_shows_the_record_that_its_digest_is_of(northwind: Company, browsing: Browsing) -> None:
    make_prompt(northwind)
    event = Event.objects.filter(kind="version.created").latest("id")
    page = browsing(northwind.auditor).get(reverse("governance:event", args=[event.pk]))
    record = page.context["record"]
    assert hashlib.sha256(b"\x00" + record.encode()).hexdigest() == page.context["entry"].leaf
    assert page.context["entry"].leaf in page.content.decode()


def test_an_event_says_whether_its_digest_holds(
    fresh_database: FreshDatabase, northwind: Company, browsing: Browsing
) -> None:
    make_prompt(northwind)
    event = Event.objects.filter(kind="version.created").latest("id")
    client, address = browsing(northwind.auditor), reverse("governance:event", args=[event.pk])
    assert "Computed again from the record" in client.get(address).content.decode()
    with fresh_database.connect("owner") as owner:
        owner.execute("ALTER TABLE ledger_event DISABLE TRIGGER USER")
        owner.execute("UPDATE ledger_event SET leaf = %s WHERE id = %s", [bytes(32), event.pk])
    page = client.get(address).content.decode()
    assert "it was altered" in page
    assert "Computed again" not in page


def test_every_kind_of_event_has_a_sentence() -> None:
    assert set(SENTENCES) == set(Kind)
