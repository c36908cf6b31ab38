"""Steps that do nothing to the world outside share a commit; nothing that was committed is done again."""

from collections.abc import Mapping
from typing import Any

import pytest

from governance.ledger.models import Event
from runs.durable import bundles, leaving
from runs.durable import checkpoint as checkpointing
from runs.durable.claim import claim
from runs.durable.drive import drive
from runs.durable.resume import resume_run
from runs.durable.statements import Statement, rows
from runs.records.models import Run
from tests.durable.scripts import Killed, call, graph, marks, script
from tests.durable.turning import again
from tests.factories.cast import Company
from tests.factories.runs import begin, expire, finish, released


@pytest.fixture
def commits(monkeypatch: pytest.MonkeyPatch) -> list[Statement]:
    """Each checkpoint that is made."""
    made: list[Statement] = []

    def counting(statement: Statement, values: Mapping[str, Any]) -> list[Any]:
        made.append(statement)
        return rows(statement, values)

    monkeypatch.setattr(checkpointing, "rows", counting)
    monkeypatch.setattr(bundles, "LONGEST_SECONDS", 3600.0)
    return made


def told(run: Run) -> list[tuple[int, str, int, str]]:
    """The run's steps: position, node, attempt, state."""
    return list(run.steps.order_by("position", "attempt").values_list("position", "node", "attempt", "state"))


FIVE = graph(*[call(key) for key in "abcde"])


def test_quick_steps_are_committed_at_once_and_told_one_by_one(
    northwind: Company, commits: list[Statement]
) -> None:
    done = finish(begin(northwind, released(northwind, FIVE)))

    assert (done.state, done.position, len(commits)) == ("succeeded", 5, 1)
    assert told(done) == [(n, key, 1, "succeeded") for n, key in enumerate("abcde")]
    events = [event.kind for event in Event.objects.of_run(done.pk).order_by("id")]
    assert events == ["run.started", "run.claimed", *["step.succeeded"] * 5, "run.succeeded"]
    assert done.output_id == done.steps.get(node="e").output_id


def test_a_bundle_ends_before_it_grows_large(
    northwind: Company, commits: list[Statement], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundles, "MOST_STEPS", 2)

    assert finish(begin(northwind, released(northwind, FIVE))).state == "succeeded"

    assert len(commits) == 3, "two, two and one"


def test_a_bundle_ends_before_it_takes_long(
    northwind: Company, commits: list[Statement], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundles, "LONGEST_SECONDS", -1.0)

    assert finish(begin(northwind, released(northwind, FIVE))).state == "succeeded"

    assert len(commits) == 5


def test_a_bundle_ends_before_its_outputs_weigh_much(
    northwind: Company, commits: list[Statement], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundles, "MOST_BYTES", 50)

    assert finish(begin(northwind, released(northwind, FIVE))).state == "succeeded"

    assert len(commits) == 5


@pytest.mark.parametrize("more", [{"effect": "idempotent"}, {"timeout_s": 5}], ids=["effect", "timeout"])
def test_what_has_an_effect_or_may_last_waits_for_nothing_and_keeps_nothing_waiting(
    northwind: Company, commits: list[Statement], more: dict[str, Any]
) -> None:
    content = graph(call("a"), call("b"), call("outward", **more), call("c"), call("d"))
    committed_before: list[int] = []

    with script(outward=[lambda: committed_before.append(len(commits))]):
        done = finish(begin(northwind, released(northwind, content)))

    assert committed_before == [1], "what came before stood already"
    assert (done.state, len(commits)) == ("succeeded", 3)


def test_a_worker_that_is_killed_within_a_bundle_repeats_nothing_that_was_committed(
    northwind: Company,
) -> None:
    content = graph(call("a"), call("b", effect="idempotent"), call("c"), call("d"), call("e"))
    run = begin(northwind, released(northwind, content))

    with script(d=[Killed()]):
        with pytest.raises(Killed):
            drive(run.pk, worker="killed")
        assert told(run) == [(0, "a", 1, "succeeded"), (1, "b", 1, "succeeded")]
        expire(run)
        done = finish(run)
        assert marks() == ["a", "b", "c", "d", "c", "d", "e"]

    assert (done.state, done.position, done.recoveries) == ("succeeded", 5, 0)
    assert told(done) == [(n, key, 1, "succeeded") for n, key in enumerate("abcde")]


def test_a_worker_that_lost_its_lease_within_a_bundle_throws_all_of_it_away(northwind: Company) -> None:
    run = begin(northwind, released(northwind, graph(call("a"), call("b"), call("c"))))

    def taken_over() -> None:
        expire(run)
        assert claim(run.pk, worker="second") is not None

    with script(b=[taken_over]):
        after = finish(run)

    assert (after.state, after.lease_owner, after.position) == ("running", "second", 0)
    assert told(after) == []
    expire(run)
    assert finish(run).state == "succeeded"
    assert len(told(run)) == 3


def test_a_step_that_fails_keeps_those_before_it(northwind: Company, commits: list[Statement]) -> None:
    run = begin(northwind, released(northwind, FIVE))

    with script(c=[RuntimeError("no ink")]):
        stopped = finish(run)

        assert (stopped.state, stopped.position, stopped.cursor) == ("failed", 2, "c")
        assert told(run) == [(0, "a", 1, "succeeded"), (1, "b", 1, "succeeded"), (2, "c", 1, "failed")]
        assert len(commits) == 1
        resume_run(stopped, actor=northwind.operator, reason="It is mended.")
        done = finish(run)
        assert marks() == ["a", "b", "c", "c", "d", "e"]

    assert done.state == "succeeded"
    assert told(done)[2:4] == [(2, "c", 1, "failed"), (2, "c", 2, "succeeded")]


def test_a_step_that_is_tried_again_keeps_those_before_it(northwind: Company) -> None:
    content = graph(call("a"), call("b", retry={"attempts": 2, "first_delay_ms": 60_000}), call("c"))
    run = begin(northwind, released(northwind, content))

    with script(b=[RuntimeError("busy")]):
        waiting = finish(run)

    assert (waiting.state, waiting.waits_for, waiting.position) == ("waiting", "retry", 1)
    assert told(again(run)) == [(0, "a", 1, "succeeded"), (1, "b", 1, "failed")]


def test_a_worker_that_is_told_to_leave_within_a_bundle_commits_it_and_hands_the_run_over(
    northwind: Company,
) -> None:
    run = begin(northwind, released(northwind, FIVE))

    with script(b=[leaving.leave]):
        try:
            left = finish(run)
        finally:
            leaving.stay()
        assert marks() == ["a", "b"]
        assert (left.state, left.position, left.lease_until, left.recoveries) == ("ready", 2, None, 0)
        assert finish(run).state == "succeeded"
        assert marks() == list("abcde")
