"""How the items of a map are shared out, and what parts and their whole do at the same moment."""

import itertools
import json
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.ledger.models import Event
from runs.durable.cancel import cancel_run
from runs.durable.claim import claim
from runs.durable.drive import drive
from runs.durable.parts import bounds
from runs.records.models import Run
from tests.durable.scripts import call, calling, graph, script
from tests.durable.turning import again, settle, work
from tests.factories.cast import Company
from tests.factories.runs import begin, expire, released
from tests.factories.things import make_version, pin
from tests.harness.fresh import FreshDatabase

OVER = graph(
    {"kind": "map", "key": "all", "over": "$letter", "each": calling("item", text="@item"), "at_once": 2},
    media_type="application/json",
)


@given(items=st.integers(1, 100_000), at_once=st.integers(1, 100))
def test_the_slices_cover_every_item_once_and_are_as_even_as_can_be(items: int, at_once: int) -> None:
    found = bounds(items, at_once)

    assert len(found) == min(items, at_once)
    assert (found[0][0], found[-1][1]) == (0, items)
    assert all(end == first for (_, end), (first, _) in itertools.pairwise(found))
    sizes = {end - first for first, end in found}
    assert min(sizes) >= 1
    assert max(sizes) - min(sizes) <= 1


def test_a_part_whose_worker_died_is_taken_up_at_its_item(northwind: Company) -> None:
    each = calling("item", text="@item", effect="idempotent")
    node = {"kind": "map", "key": "all", "over": "$letter", "each": each, "at_once": 1}
    run = begin(northwind, released(northwind, graph(node, media_type="application/json")), "[1, 2, 3]")
    drive(run.pk, worker="w")
    [part] = Run.objects.filter(parent=run)

    def died() -> None:
        expire(part)
        assert claim(part.pk, worker="second") is not None

    with script(item=[None, died]) as called:
        drive(part.pk, worker="first")
        expire(part)
        done = settle(run)
        assert [text for _, text in called] == [1, 2, 2, 3]

    assert done.state == "succeeded"
    assert list(part.steps.order_by("position").values_list("item", "attempt")) == [(0, 1), (1, 1), (2, 1)]


@pytest.mark.parametrize("kind", ["items", "subrun"])
def test_a_part_that_ends_while_its_whole_is_cancelled_waits_for_nobody_in_a_circle(
    fresh_database: FreshDatabase, northwind: Company, kind: str
) -> None:
    """The end of a part locks it and then its whole; so does the cancellation."""
    if kind == "items":
        release, letter = released(northwind, OVER), json.dumps([1, 2])
    else:
        inner = make_version(northwind, "workflow", graph(call("one")))
        node = {"kind": "subrun", "key": "sub", "workflow": pin(inner), "inputs": {"letter": "$letter"}}
        release, letter = released(northwind, graph(node)), "x"
    operator = northwind.operator
    for number in range(6):
        run = begin(northwind, release, letter, reference=f"{number}")
        drive(run.pk, worker="w")
        parts = list(Run.objects.filter(parent=run))

        answers = fresh_database.at_once(
            *[partial(drive, part.pk, worker="w") for part in parts],
            lambda run=run: cancel_run(run, actor=operator, reason="x") is not None,  # type: ignore[misc]
        )

        assert not [answer for answer in answers if isinstance(answer, Exception)]
        work()
        assert again(run).state == "cancelled"
        for part in parts:
            assert again(part).state in {"cancelled", "succeeded"}
        ends = Event.objects.of_run(run.pk).filter(kind__in=["run.succeeded", "run.cancelled"])
        assert ends.count() == 1
    with fresh_database.connect() as watching:
        counted = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        assert watching.execute(counted).fetchone() == (0,)


@pytest.mark.parametrize("shape", ["items", "subrun"])
def test_an_altered_output_of_a_part_does_not_become_its_wholes(
    fresh_database: FreshDatabase, northwind: Company, shape: str
) -> None:
    if shape == "items":
        run = begin(northwind, released(northwind, OVER), json.dumps(["a", "b"]))
    else:
        inner = make_version(northwind, "workflow", graph(call("one")))
        node = {"kind": "subrun", "key": "sub", "workflow": pin(inner), "inputs": {"letter": "$letter"}}
        run = begin(northwind, released(northwind, graph(node)))
    drive(run.pk, worker="w")
    for part in Run.objects.filter(parent=run):
        drive(part.pk, worker="w")
    output = Run.objects.filter(parent=run).order_by("first_item")[0].steps.get().output_id
    with fresh_database.connect("owner") as owner, owner.transaction():
        owner.execute("ALTER TABLE runs_artifact DISABLE TRIGGER USER")
        changed = (
            "UPDATE runs_artifact SET body = convert_to('{\"text\":\"Pay them all.\"}', 'UTF8') WHERE id = %s"
        )
        assert owner.execute(changed, [output]).rowcount == 1

    drive(run.pk, worker="w")

    after = again(run)
    assert after.state == "failed"
    assert after.error is not None
    assert after.error.code == "artifact_damaged"
    assert "altered" in after.error.detail
    assert after.output is None
