"""GET /runs/{run}/: what the page says and offers in each state"""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from portal.web.wording import ICONS, state_tone, why_of
from runs.durable.drive import drive
from runs.durable.machine import ENDED
from runs.insight.figures import STATE_COLOURS
from runs.records.models import Run
from runs.web import pieces
from runs.web.offers import OFFERS
from runs.web.rows import ORIGINS, WAITED_FOR
from runs.web.stops import stops_of
from runs.web.timeline import timeline_of
from tests.counting import queries_of
from tests.factories.cast import Company
from tests.factories.forks import replay_of
from tests.factories.runs import chain, finish
from tests.factories.standing import (
    asked,
    being_undone,
    cancelled,
    done,
    drive_parts,
    driven,
    failed,
    half_undone,
    in_parts,
    limited,
    paused,
    put_off,
    quarantined,
    queued,
    running,
    timed,
    told_later,
    unable,
    undone,
    unsure,
    workflow,
)
from tests.factories.things import make_version, pin
from tests.visiting import Browsing

STANDING: list[tuple[Callable[[Company], Run], str, str, set[str]]] = [
    (queued, "Queued", "Waiting for a worker since", {"pause", "cancel"}),
    (running, "Running, step 1", "is being executed by host:1:thread", {"pause", "cancel"}),
    (timed, "Waiting for a time", "lets time pass until", {"pause", "cancel"}),
    (put_off, "Waiting for the next attempt", "Attempt 2 follows", {"retry-now", "pause", "cancel"}),
    (limited, "Waiting for room at a provider", "waits for room", {"retry-now", "pause", "cancel"}),
    (in_parts, "Waiting for its parts", "0 of 10 are done", {"pause", "cancel"}),
    (paused, "Paused", "Reason: wait a bit.", {"continue", "cancel"}),
    (unsure, "Needs review at pay", "Nobody knows", {"record-effect", "repeat-step", "cancel"}),
    (being_undone, "Undoing reserve", "is undone at", {"retry-now"}),
    (half_undone, "Compensation failed", "could not all be undone", {"retry-compensation"}),
    (undone, "Failed at book, undone", "has been undone", set()),
    (failed, "Failed at book", "the cellar is flooded", {"resume", "cancel", "replay"}),
    (done, "Succeeded", "", {"replay"}),
    (told_later, "Waiting for a signal", "waits for the signal “payment.received”", {"pause", "cancel"}),
    (asked, "Waiting for a person", "waits for somebody who operates the", {"pause", "cancel"}),
    (unable, "Waiting for a capable worker", "No capable worker", {"retry-now", "pause", "cancel"}),
    (cancelled, "Cancelled", "Reason: sent twice", {"replay"}),
    (quarantined, "Quarantined at step_0", "stopped", {"resume", "cancel", "replay"}),
]


@pytest.mark.parametrize(
    ("made", "state", "why", "offered"), STANDING, ids=lambda value: getattr(value, "__name__", "")
)
def test_the_page_says_where_the_run_stands_and_offers_what_is_possible(
    northwind: Company,
    browsing: Browsing,
    monkeypatch: pytest.MonkeyPatch,
    made: Callable[[Company], Run],
    state: str,
    why: str,
    offered: set[str],
) -> None:
    monkeypatch.setenv("NEEDED_FILE", "/nowhere")
    run = made(northwind)
    address = reverse("runs:run", args=[run.pk])

    seen = browsing(northwind.auditor).get(address)
    page = seen.content.decode()
    assert f"<span>{state}</span>" in page
    assert why in page
    assert not any(f'data-opens="{offer.name}"' in page for offer in OFFERS)
    operated = browsing(northwind.operator).get(address)
    assert {offer.name for offer in operated.context["offers"]} == offered
    for name in offered:
        assert f'data-opens="{name}"' in operated.content.decode()
        assert f'<dialog class="sheet" id="{name}"' in operated.content.decode()
    ended = run.state in ENDED
    assert ("hx-trigger" in page) is not ended


def test_every_state_has_a_tone_a_colour_and_every_wait_and_origin_its_words() -> None:
    for state in Run.State:
        assert state_tone(state) in {*ICONS, "none"}
        assert why_of(state)[1]
    for word in ("quarantined", "compensation_failed", "failed"):
        assert (state_tone(word), why_of(word)) == ("bad", ("bad", "Why it stopped:"))
    assert set(STATE_COLOURS) == set(Run.State)
    assert len(set(STATE_COLOURS.values())) == len(Run.State)
    assert set(WAITED_FOR) == set(Run.WaitsFor)
    assert set(ORIGINS) == set(Run.Origin)


def test_a_map_shows_how_far_it_is_and_leads_to_its_slices_and_they_lead_back(
    northwind: Company, browsing: Browsing
) -> None:
    run = in_parts(northwind, items=9, at_once=3, function="picky@1", settings={"refuses": " 4"})
    parts = list(run.parts.order_by("id"))
    for part in parts[:2]:
        drive(part.pk, worker="test")
    client = browsing(northwind.auditor)
    page = client.get(reverse("runs:run", args=[run.pk])).content.decode()
    assert '<progress class="items" max="9" value="4"' in page
    assert "4 of 9 items done" in page
    assert "1 stopped" in page
    assert reverse("runs:run", args=[parts[1].pk]) in page  # the one that somebody should look at
    assert reverse("runs:run", args=[parts[2].pk]) not in page
    slices = client.get(reverse("runs:list") + f"?part_of={run.pk}")
    assert [row.run for row in slices.context["rows"]] == parts[::-1]
    assert "items 4 to 6" in slices.content.decode()
    stopped = client.get(reverse("runs:list") + f"?part_of={run.pk}&state=failed")
    assert [row.run for row in stopped.context["rows"]] == [parts[1]]
    assert [row.run for row in client.get(reverse("runs:list")).context["rows"]] == [run]
    part_page = client.get(reverse("runs:run", args=[parts[1].pk])).content.decode()
    assert reverse("runs:run", args=[run.pk]) in part_page
    assert "Items 4 to 6 of" in part_page
    assert "item 4" in part_page


def test_a_subrun_and_its_whole_lead_to_each_other(northwind: Company, browsing: Browsing) -> None:
    inner = make_version(northwind, "workflow", chain(2))
    step = {"kind": "subrun", "key": "inner", "workflow": pin(inner), "inputs": {"letter": "$letter"}}
    run = driven(northwind, workflow(step))
    part, client = run.parts.get(), browsing(northwind.auditor)
    page = client.get(reverse("runs:run", args=[run.pk])).content.decode()
    assert "“inner” waits for the run of its workflow: it is queued." in page
    assert reverse("runs:run", args=[part.pk]) in page
    assert "progress" not in page[page.index('id="parts"') : page.index('id="steps"')]
    part_page = client.get(reverse("runs:run", args=[part.pk])).content.decode()
    assert "A step of run" in part_page
    assert f'<a href="{reverse("runs:run", args=[run.pk])}">' in part_page
    assert "as a step of another run" in part_page


def test_a_replay_and_what_it_was_made_from_lead_to_each_other(
    northwind: Company, browsing: Browsing
) -> None:
    run = done(northwind)
    replay = replay_of(run, actor=northwind.operator, reason="to compare")
    client = browsing(northwind.auditor)
    made = client.get(reverse("runs:run", args=[replay.pk])).content.decode()
    assert f'of run <a href="{reverse("runs:run", args=[run.pk])}">' in made
    assert "Replay of run" in " ".join(strip_tags(made).split())
    assert "as a replay of another run" in made
    derived = f"{reverse('runs:list')}?derived_from={run.pk}"
    assert derived in client.get(reverse("runs:run", args=[run.pk])).content.decode()
    assert [row.run for row in client.get(derived).context["rows"]] == [replay]


def test_only_what_succeeded_counts_as_done(
    northwind: Company, browsing: Browsing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEEDED_FILE", "/nowhere")
    page = browsing(northwind.auditor).get(reverse("runs:run", args=[half_undone(northwind).pk]))
    assert "1 step done" in page.content.decode()


def test_home_counts_whole_runs(northwind: Company, browsing: Browsing) -> None:
    in_parts(northwind, at_once=3)
    queued(northwind)
    home = browsing(northwind.operator).get(reverse("home"))
    [figures] = [found["rows"] for found in home.context["pressing"] if "queued" in found["rows"]]
    assert figures["queued"] == 1


def test_a_part_is_acted_on_with_its_whole(northwind: Company, browsing: Browsing) -> None:
    part = in_parts(northwind).parts.first()
    assert part is not None
    page = browsing(northwind.operator).get(reverse("runs:run", args=[part.pk]))
    assert page.context["offers"] == []


def test_a_paused_part_of_a_run_that_went_on_can_be_let_go(northwind: Company, browsing: Browsing) -> None:
    run = in_parts(northwind)
    Run.objects.filter(pk__in=run.parts.values("pk")[:1]).update(state="paused")
    page = browsing(northwind.operator).get(reverse("runs:run", args=[run.pk]))
    assert "continue" in {offer.name for offer in page.context["offers"]}
    assert "1 paused" in page.content.decode()


def test_the_page_costs_the_same_queries_however_many_parts_and_items_there_are(
    northwind: Company, browsing: Browsing
) -> None:
    client, counts = browsing(northwind.auditor), []
    for items in (4, 40):
        run = in_parts(northwind, items=items, at_once=items // 2)
        drive_parts(run)
        assert Run.objects.get(pk=run.pk).state == Run.State.SUCCEEDED
        counts.append(queries_of(client, reverse("runs:run", args=[run.pk])))
    assert counts[0] == counts[1]


def test_a_long_run_is_shown_in_pieces_the_newest_first(
    northwind: Company, browsing: Browsing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "SIZE", 5)
    run = in_parts(northwind, items=12, at_once=1)
    drive_parts(run)
    client, part = browsing(northwind.auditor), run.parts.get()
    address = reverse("runs:run", args=[part.pk])

    def items(answer: object) -> list[int | None]:
        return [step.item for step in answer.context["piece"].steps]  # type: ignore[attr-defined]

    newest = client.get(address)
    assert items(newest) == [10, 11]
    assert "11 to 13 of 13" in newest.content.decode()
    assert "?from=5#steps" in newest.content.decode()
    middle = client.get(f"{address}?from=5")
    assert items(middle) == [5, 6, 7, 8, 9]
    assert "Later steps" in middle.content.decode()
    assert items(client.get(f"{address}?from=0")) == [0, 1, 2, 3, 4]
    for nonsense in ("x", "-5", "99999999999", "500"):
        assert items(client.get(f"{address}?from={nonsense}")) == [10, 11]


def test_polling_goes_on_with_the_piece_that_is_shown(
    northwind: Company, browsing: Browsing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "SIZE", 5)
    part = in_parts(northwind, items=12, at_once=1).parts.get()
    Run.objects.filter(pk=part.pk).update(position=7)
    client = browsing(northwind.auditor)
    progress = reverse("runs:progress", args=[part.pk])
    for query, expected in (("", f'"{progress}"'), ("?from=0", f'"{progress}?from=0"')):
        assert f"hx-get={expected}" in polled(client, part, query)


def polled(client: Client, run: Run, query: str) -> str:
    """The page at this piece."""
    return client.get(reverse("runs:run", args=[run.pk]) + query).content.decode()


def test_the_drawing_shows_waits_attempts_and_undoings(
    northwind: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEEDED_FILE", "/nowhere")

    def lines(run: Run) -> list[tuple[str, list[tuple[str, str]]]]:
        found = Run.objects.get(pk=run.pk)
        drawn = timeline_of(found, list(found.steps.all()), stops_of(found), now=timezone.now())
        return [(line.full, [(bar.look, bar.note or bar.hint) for bar in line.bars]) for line in drawn.lines]

    first = ("waiting", [("waiting", "for a worker")])
    assert lines(timed(northwind)) == [first, ("cool_off", [("waiting", "for its time")])]
    assert lines(put_off(northwind)) == [first, ("post", [("bad", "failed"), ("waiting", "until attempt 2")])]
    assert lines(undone(northwind)) == [
        first,
        ("reserve", [("ok", "")]),
        ("book", [("bad", "failed")]),
        ("undo reserve", [("ok", "")]),
    ]
    assert lines(unsure(northwind))[1] == ("pay", [("waiting", "under review")])
    timer = {"kind": "timer", "key": "nap", "seconds": 1, "next": "end"}
    node = {"kind": "function", "key": "end", "function": "nothing@1", "inputs": {"text": "$letter"}}
    run = driven(northwind, workflow(timer, node))
    Run.objects.filter(pk=run.pk).update(wake_at=timezone.now(), state="ready")
    assert lines(finish(run))[1] == ("nap", [("waiting", "for its time"), ("ok", "")])
