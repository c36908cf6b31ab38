"""GET /runs/{run}/ and its polled part"""

from decimal import Decimal

import pytest
from django.urls import reverse

from governance.ledger.models import Event
from runs.costs.prices import set_price
from runs.durable import why
from runs.web import run as run_page
from runs.web.strip import produced_by
from tests.counting import queries_of
from tests.factories.cast import Company
from tests.factories.runs import finish
from tests.providers.serving import Serving
from tests.visiting import Browsing
from tests.web.runs.recorded import answered, failed, quick, step_of, waiting


def test_a_finished_run_shows_its_steps_and_leads_to_its_output(
    northwind: Company, browsing: Browsing, serving: Serving
) -> None:
    run = answered(northwind)
    page = browsing(northwind.auditor).get(reverse("runs:run", args=[run.pk])).content.decode()
    for node in ("redact", "classify", "summarise", "route"):
        assert node in page
    assert reverse("runs:output", args=[step_of(run, "summarise").pk]) in page
    assert "hx-trigger" not in page
    assert "Aron Approver" in page
    assert "Finished the run" in page


def test_a_run_under_way_asks_again_and_stops_asking_at_its_end(
    northwind: Company, browsing: Browsing
) -> None:
    run = waiting(northwind)
    client = browsing(northwind.auditor)
    assert 'hx-trigger="every 2s"' in client.get(reverse("runs:run", args=[run.pk])).content.decode()
    progress = reverse("runs:progress", args=[run.pk])
    first = client.get(progress)
    assert "Waiting for a worker" in first.content.decode()
    assert client.get(progress, headers={"If-None-Match": first["ETag"]}).status_code == 304
    finish(run)
    last = client.get(progress, headers={"If-None-Match": first["ETag"]})
    assert last.status_code == 200
    assert "hx-trigger" not in last.content.decode()
    assert 'data-announce="Succeeded"' in last.content.decode()


def test_whoever_watches_a_waiting_run_is_told_once_it_has_waited_long(
    northwind: Company, browsing: Browsing, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, progress = browsing(northwind.auditor), reverse("runs:progress", args=[waiting(northwind).pk])
    monkeypatch.setattr(why, "PATIENCE_SECONDS", 3600)
    first = client.get(progress)
    assert "none is running" not in first.content.decode()
    monkeypatch.setattr(why, "PATIENCE_SECONDS", -1)
    later = client.get(progress, headers={"If-None-Match": first["ETag"]})
    assert later.status_code == 200
    assert "either all are busy or none is running" in later.content.decode()


def test_of_a_long_run_the_newest_entries_are_shown_and_the_others_counted(
    northwind: Company, browsing: Browsing, monkeypatch: pytest.MonkeyPatch
) -> None:
    (run,) = quick(northwind, 1, steps=2)
    client, page_of_run = browsing(northwind.auditor), reverse("runs:run", args=[run.pk])
    recorded = [event.pk for event in Event.objects.of_run(run.pk)]
    rest = f"{reverse('governance:ledger')}?run={run.pk}"
    whole = client.get(page_of_run)
    assert [shown.event.pk for shown in whole.context["events"]] == recorded
    assert f">{len(recorded)} entries</a>" in whole.content.decode()
    assert "the newest" not in whole.content.decode()
    monkeypatch.setattr(run_page, "MOST_EVENTS", 2)
    cut = client.get(page_of_run)
    assert [shown.event.pk for shown in cut.context["events"]] == recorded[-2:]
    assert f'the newest 2 of <a href="{rest}">{len(recorded)} entries</a>' in cut.content.decode()
    assert client.get(rest).context["page"].rows[-1].pk == recorded[0]


def test_a_failed_run_says_what_stopped_it_and_only_an_operator_is_offered_to_resume(
    northwind: Company, browsing: Browsing
) -> None:
    run = failed(northwind)
    address = reverse("runs:run", args=[run.pk])
    page = browsing(northwind.auditor).get(address).content.decode()
    assert "Why it stopped" in page
    assert "the cellar is flooded" in page
    assert reverse("runs:resume", args=[run.pk]) not in page
    offered = browsing(northwind.operator).get(address).content.decode()
    assert reverse("runs:resume", args=[run.pk]) in offered
    assert reverse("runs:cancel", args=[run.pk]) in offered


def test_the_page_costs_the_same_queries_however_long_the_run_is(
    northwind: Company, browsing: Browsing
) -> None:
    client = browsing(northwind.auditor)
    counts = []
    for steps in (2, 7):
        (run,) = quick(northwind, 1, steps=steps)
        address = reverse("runs:run", args=[run.pk])
        counts.append(queries_of(client, address))
    assert counts[0] == counts[1]


def test_a_run_of_another_organisation_is_not_there(
    northwind: Company, rival: Company, browsing: Browsing
) -> None:
    run = waiting(rival)
    client = browsing(northwind.operator)
    for name in ("runs:run", "runs:progress"):
        assert client.get(reverse(name, args=[run.pk])).status_code == 404


def test_costs_are_shown_in_the_currency_of_the_organisation(
    northwind: Company, browsing: Browsing, serving: Serving
) -> None:
    set_price(
        northwind.organisation,
        actor=northwind.owner,
        provider="default",
        model="smollm2-135m-instruct",
        effective_from=northwind.organisation.created_at,
        input_per_million=Decimal(1000),
        output_per_million=Decimal(1000),
        currency="USD",
        basis="a test",
    )
    run = answered(northwind)
    client = browsing(northwind.auditor)
    assert run.cost > 0
    for address in (
        reverse("runs:run", args=[run.pk]),
        reverse("runs:list"),
        reverse("runs:output", args=[step_of(run, "summarise").pk]),
        reverse("runs:dashboard"),
    ):
        page = client.get(address).content.decode()
        assert "€" not in page
        assert "$" in page or "USD" in page


def test_of_a_run_that_has_not_come_to_its_end_nobody_knows_how_many_steps_there_are(
    northwind: Company,
) -> None:
    run, (done,) = failed(northwind), quick(northwind, steps=3)
    assert produced_by(run, run.steps.get(), steps=1).small == "step 1; the workflow has 2"
    assert produced_by(done, done.steps.get(position=1), steps=3).small == "step 2 of 3"


def test_one_step_is_counted_in_the_singular(northwind: Company) -> None:
    run = waiting(northwind)
    assert [produced_by(run, None, steps=count).small for count in (0, 1, 2)] == [
        "0 steps done",
        "1 step done",
        "2 steps done",
    ]
