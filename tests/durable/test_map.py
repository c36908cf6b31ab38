"""The same call for each item of a list, side by side, and the join."""

import json
from functools import partial
from typing import Any

import pytest

from governance.ledger.models import Event
from runs.artifacts.opening import bytes_of
from runs.durable.cancel import cancel_run
from runs.durable.claim import claim, claim_next
from runs.durable.drive import drive
from runs.durable.resume import resume_run
from runs.records.models import Run, Step
from tests.durable.scripts import call, calling, graph, marks, script
from tests.durable.turning import again, settle, work
from tests.factories.cast import Company
from tests.factories.runs import begin, expire, released
from tests.harness.fresh import FreshDatabase


def over(**more: Any) -> dict[str, Any]:
    """A workflow that calls the function for each item of the list that it is given, then another step."""
    each = more.pop("each", calling("item", text="@item"))
    node = {"kind": "map", "key": "all", "over": "$letter", "each": each, **more}
    return graph(node, call("after", text="all"), output="all", media_type="application/json")


def started(company: Company, items: Any, **more: Any) -> Run:
    """A run over these items."""
    return begin(company, released(company, over(**more)), json.dumps(items))


def outputs(run: Run) -> Any:
    """The map's output."""
    assert run.output is not None
    return json.loads(bytes_of(run.output))


def test_the_outputs_stand_in_the_order_of_the_items(northwind: Company) -> None:
    items = [f"item {n}" for n in range(11)]
    run = started(northwind, items, at_once=3)

    with script() as called:
        done = settle(run)

    assert done.state == "succeeded", done.error
    assert outputs(done) == [{"text": item, "mark": "item"} for item in items]
    assert sorted(text for mark, text in called if mark == "item") == sorted(items)
    parts = list(Run.objects.filter(parent=run).order_by("first_item"))
    assert [(part.first_item, part.end_item) for part in parts] == [(0, 3), (3, 7), (7, 11)]
    assert {part.state for part in parts} == {"succeeded"}
    assert list(Step.objects.filter(run__parent=run).order_by("item").values_list("item", flat=True)) == list(
        range(11)
    )
    assert [step.node for step in run.steps.all()] == ["all", "after"]


def test_each_item_knows_its_place_and_what_the_run_was_given(northwind: Company) -> None:
    each = {
        "kind": "function",
        "function": "scripted@1",
        "inputs": {"text": "@index"},
        "settings": {"mark": "i"},
    }
    done = settle(started(northwind, ["x", "y", "z"], each=each, at_once=2))

    assert [found["text"] for found in outputs(done)] == [0, 1, 2]


def test_no_items_make_an_empty_list_and_no_parts(northwind: Company) -> None:
    run = started(northwind, [])

    done = settle(run)

    assert (done.state, outputs(done)) == ("succeeded", [])
    assert not Run.objects.filter(parent=run).exists()


@pytest.mark.parametrize(
    ("given", "code", "words"),
    [
        ({"a": 1}, "not_a_list", "leads to something else"),
        ("text", "not_a_list", "leads to something else"),
        ([1, 2, 3, 4], "too_many_items", "It has 4 items; 3 are allowed"),
    ],
)
def test_what_cannot_be_gone_over_stops_the_run_in_words(
    northwind: Company, given: Any, code: str, words: str
) -> None:
    run = settle(started(northwind, given, most_items=3))

    assert run.state == "failed"
    assert run.error is not None
    assert (run.error.code, run.error.node) == (code, "all")
    assert words in run.error.detail
    assert not Run.objects.filter(parent=run).exists()


def test_a_resumed_map_repeats_only_the_item_that_failed_and_those_after_it(northwind: Company) -> None:
    run = started(northwind, list("abcdefgh"), at_once=2)
    with script(item=[None, None, RuntimeError("no ink")]) as called:
        stopped = settle(run)
        first = [text for mark, text in called if mark == "item"]

        assert stopped.state == "failed"
        assert stopped.error is not None
        assert stopped.error.code == "items_failed"
        assert "1 of 2 slices stopped, the first at item 2: The function failed" in stopped.error.detail
        assert sorted(first) == list("abcefgh"), "the other slice was finished"
        assert "after" not in marks()
        resume_run(stopped, actor=northwind.operator, reason="It is mended.")
        done = settle(run)
        assert [text for mark, text in called if mark == "item"][len(first) :] == ["c", "d"]

    assert done.state == "succeeded"
    assert [found["text"] for found in outputs(done)] == list("abcdefgh")
    assert Run.objects.filter(parent=run).count() == 2
    assert [(step.attempt, step.state) for step in run.steps.filter(node="all")] == [
        (1, "failed"), (2, "succeeded"),
    ]  # fmt: skip


def test_an_items_attempts_are_its_own(northwind: Company) -> None:
    each = calling("item", text="@item", retry={"attempts": 2, "first_delay_ms": 60_000})
    run = started(northwind, ["a", "b"], each=each, at_once=1)

    with script(item=[None, RuntimeError("busy")]):
        done = settle(run)

    assert done.state == "succeeded"
    tried = Step.objects.filter(run__parent=run).order_by("item", "attempt")
    assert list(tried.values_list("item", "attempt", "state")) == [
        (0, 1, "succeeded"), (1, 1, "failed"), (1, 2, "succeeded"),
    ]  # fmt: skip


def test_a_part_tells_its_whole_and_does_not_stand_for_itself(northwind: Company) -> None:
    run = started(northwind, [1, 2], at_once=2)
    claim_and_cut = drive(run.pk, worker="w")
    assert claim_and_cut

    waiting = again(run)
    assert (waiting.state, waiting.waits_for, waiting.position) == ("waiting", "parts", 0)
    first, second = Run.objects.filter(parent=run).order_by("first_item")
    assert (first.origin, first.state, first.reference) == ("items", "queued", run.reference)
    assert set(Run.objects.whole()) == {waiting}
    drive(first.pk, worker="w")
    assert again(run).state == "ready", "it looks whether all have ended"
    drive(run.pk, worker="w")
    assert (again(run).state, again(run).waits_for) == ("waiting", "parts")
    drive(second.pk, worker="w")
    drive(run.pk, worker="w")
    assert again(run).state == "succeeded"
    cut = Event.objects.of_run(first.pk).filter(kind="run.started").get()
    assert (cut.details["parent"], cut.details["first_item"], cut.details["end_item"]) == (str(run.pk), 0, 1)


def test_cancelling_the_whole_ends_its_parts(northwind: Company) -> None:
    run = started(northwind, [1, 2, 3], at_once=3)
    drive(run.pk, worker="w")
    first, second, _ = Run.objects.filter(parent=run).order_by("first_item")
    drive(first.pk, worker="w")
    assert claim(second.pk, worker="busy") is not None

    cancel_run(again(run), actor=northwind.operator, reason="Wrong list.")

    parts = Run.objects.filter(parent=run).order_by("first_item")
    assert [part.state for part in parts] == ["succeeded", "running", "cancelled"]
    drive(run.pk, worker="w")
    assert not claim_next(worker="w", pool="io"), "the whole waits for what is being done"
    expire(second)
    settle(run)
    assert [part.state for part in parts.all()] == ["succeeded", "cancelled", "cancelled"]
    assert again(run).state == "cancelled"


def test_two_parts_that_end_at_once_are_joined_once(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    release = released(northwind, over(at_once=2))
    for number in range(5):
        run = begin(northwind, release, json.dumps([f"{number} a", f"{number} b"]))
        drive(run.pk, worker="w")
        parts = Run.objects.filter(parent=run)

        answers = fresh_database.at_once(*[partial(drive, part.pk, worker="w") for part in parts])

        assert answers == [True, True]
        assert again(run).state == "ready"
        taken = fresh_database.at_once(*[partial(drive, run.pk, worker=f"w{n}") for n in range(3)])
        assert sorted(map(str, taken)) == ["False", "False", "True"]
        done = again(run)
        assert done.state == "succeeded"
        assert [found["text"] for found in outputs(done)] == [f"{number} a", f"{number} b"]
        assert run.steps.filter(node="all").count() == 1
        assert Event.objects.of_run(run.pk).filter(kind="step.succeeded").count() == 2


def test_a_part_that_ends_while_its_whole_falls_asleep_is_not_lost(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    """Both at the same moment, on two connections, over and over: the whole never sleeps on."""
    release = released(northwind, over(at_once=2))
    for number in range(8):
        run = begin(northwind, release, json.dumps([number, number]))
        drive(run.pk, worker="w")
        first, second = Run.objects.filter(parent=run)
        drive(first.pk, worker="w")

        fresh_database.at_once(
            partial(drive, run.pk, worker="whole"), partial(drive, second.pk, worker="part")
        )

        work()
        assert again(run).state == "succeeded"


def test_five_hundred_items_are_all_worked_on_once(fresh_database: FreshDatabase, northwind: Company) -> None:
    run = started(northwind, list(range(500)), at_once=4)

    with script() as called:
        drive(run.pk, worker="w")
        fresh_database.at_once(*[partial(work, worker=f"w{n}") for n in range(4)])
        work()

    done = again(run)
    assert done.state == "succeeded"
    assert [found["text"] for found in outputs(done)] == list(range(500))
    assert sorted(text for mark, text in called if mark == "item") == list(range(500))
    assert Step.objects.filter(run__parent=run).count() == 500


def test_the_list_of_outputs_is_as_protected_as_the_most_protected_of_them(northwind: Company) -> None:
    run = started(northwind, ["a", "b"], each={**calling("item", text="@item"), "classification": "personal"})

    with script():
        done = settle(run)

    levels = dict(done.steps.values_list("node", "classification"))
    assert levels == {"all": "personal", "after": "personal"}
