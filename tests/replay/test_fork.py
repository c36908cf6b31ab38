"""Forks and replays: what they copy, what they execute anew, and what is refused."""

from typing import Any

import pytest

from governance.errors import Invalid, NotAllowed, WrongState
from runs.lineage.models import Edge
from runs.records.models import Run, Step
from runs.replay.fork import fork_run, replay_run
from runs.replay.verify import verify_run
from tests.api.callers import by_token
from tests.factories.cast import Company
from tests.factories.forks import fork_of, replay_of
from tests.factories.runs import begin, chain, complaint, finish, released
from tests.factories.things import make_model, make_prompt
from tests.harness.fresh import FreshDatabase
from tests.providers.serving import Serving


def test_a_fork_takes_over_the_steps_before_it_and_executes_the_rest(
    northwind: Company, serving: Serving
) -> None:
    run = finish(begin(northwind, released(northwind, complaint(northwind))))
    asked = len(serving.asked())

    fork = finish(fork_of(run, actor=northwind.operator, position=2, reason="Another look at the summary."))

    assert fork.state == Run.State.SUCCEEDED, fork.error
    assert (fork.source_id, fork.source_position, fork.origin) == (run.pk, 2, Run.Origin.FORK)
    assert len(serving.asked()) == asked + 1  # the summary alone: the label was copied
    before = list(Step.objects.filter(run=run, position__lt=2).values_list("node", "output", "attempt"))
    assert (
        list(Step.objects.filter(run=fork, position__lt=2).values_list("node", "output", "attempt")) == before
    )
    assert edges(fork, "classify") == edges(run, "classify")
    assert fork.tokens_in < run.tokens_in  # what was copied was paid once
    assert verify_run(fork, actor=northwind.auditor).holds


def test_a_forks_steps_come_in_the_order_in_which_they_happened(northwind: Company) -> None:
    run = finish(begin(northwind, released(northwind, chain(40))))
    fork = finish(fork_of(run, actor=northwind.operator, position=38, reason="Once more."))
    assert fork.state == Run.State.SUCCEEDED

    by_id = list(Step.objects.filter(run=fork).order_by("id").values_list("node", flat=True))

    assert by_id == [f"step_{index}" for index in range(40)]
    caller, found, place = by_token(northwind.operator, northwind), [], f"runs/{fork.pk}/steps/"
    while place:
        page = caller.get(place).json()
        found += [step["position"] for step in page["results"]]
        place = page["next"] or ""
    assert found == sorted(found, reverse=found[0] > found[-1])
    assert len(found) == 40


def test_a_fork_with_another_prompt_says_which_version_ran(northwind: Company, serving: Serving) -> None:
    run = finish(begin(northwind, released(northwind, complaint(northwind))))
    other = make_prompt(northwind, text="In one word.")

    fork = fork_of(
        run,
        actor=northwind.operator,
        position=2,
        reason="Try the other prompt.",
        overrides={"summarise": {"prompt": other}},
        environment=northwind.development,
    )
    fork = finish(fork)

    assert fork.state == Run.State.SUCCEEDED, fork.error
    assert "In one word." in str(serving.asked()[-1]["body"]["messages"])
    assert Step.objects.get(run=fork, node="summarise").prompt_version_id == other.pk
    assert fork.approvals == []
    assert (fork.environment, fork.started_by) == (northwind.development, northwind.operator)
    assert fork.overrides == {"summarise": {"prompt": str(other.pk)}}
    assert verify_run(fork, actor=northwind.auditor).holds


def test_other_versions_do_not_run_where_approval_is_needed(northwind: Company, serving: Serving) -> None:
    release = released(northwind, complaint(northwind), environment=northwind.production)
    run = finish(begin(northwind, release))

    with pytest.raises(Invalid, match="protected"):
        fork_of(
            run,
            actor=northwind.operator,
            position=0,
            reason="Try.",
            overrides={"summarise": {"model": make_model(northwind)}},
        )

    assert not Run.objects.filter(source=run).exists()


@pytest.mark.parametrize("position", [-1, 2, 40])
def test_a_fork_begins_at_a_step_that_the_run_came_to(northwind: Company, position: int) -> None:
    run = finish(begin(northwind, released(northwind, chain(3, function="returns@1", what="raise"))))

    with pytest.raises(Invalid, match="no step"):
        fork_of(run, actor=northwind.operator, position=position, reason="Try.")


@pytest.mark.parametrize(
    ("node", "kind", "words"),
    [
        ("redact", "prompt", "asks no model"),
        ("nowhere", "prompt", "asks no model"),
        ("summarise", "model", "is no model"),
    ],
)
def test_a_version_must_fit_where_it_is_put(
    northwind: Company, serving: Serving, node: str, kind: str, words: str
) -> None:
    run = finish(begin(northwind, released(northwind, complaint(northwind))))

    with pytest.raises(Invalid, match=words):
        fork_of(
            run,
            actor=northwind.operator,
            position=0,
            reason="Try.",
            overrides={node: {kind: make_prompt(northwind)}},
        )


def test_who_may_not_operate_may_not_fork(northwind: Company) -> None:
    run = finish(begin(northwind, released(northwind, chain(1))))

    with pytest.raises(NotAllowed):
        fork_of(run, actor=northwind.auditor, position=0, reason="Try.")


def test_a_replay_runs_the_same_versions_on_the_same_inputs(northwind: Company) -> None:
    run = finish(begin(northwind, released(northwind, chain(3))))

    again = finish(replay_of(run, actor=northwind.operator, reason="Does it do the same?"))

    assert again.state == Run.State.SUCCEEDED
    assert again.origin == Run.Origin.REPLAY
    assert again.output_id == run.output_id


def test_what_changed_something_outside_is_not_done_again_to_compare(northwind: Company) -> None:
    content = chain(2)
    content["nodes"][1]["effect"] = "idempotent"
    run = finish(begin(northwind, released(northwind, content)))

    with pytest.raises(WrongState, match="step_1"):
        replay_of(run, actor=northwind.operator, reason="Does it do the same?")


def test_what_begins_anew_has_the_whole_time_of_its_workflow(northwind: Company) -> None:
    run = finish(begin(northwind, released(northwind, {**chain(2), "deadline_s": 3600})))

    fork = fork_of(run, actor=northwind.operator, position=1, reason="Once more.")
    replay = replay_of(run, actor=northwind.operator, reason="Does it do the same?")

    for made in (fork, replay):
        assert made.deadline_at is not None
        assert (made.deadline_at - made.created_at).total_seconds() == pytest.approx(3600, abs=2)
        assert finish(made).state == Run.State.SUCCEEDED


def test_without_a_deadline_a_fork_has_none(northwind: Company) -> None:
    run = finish(begin(northwind, released(northwind, chain(2))))

    assert fork_of(run, actor=northwind.operator, position=1, reason="Once more.").deadline_at is None


def test_a_key_belongs_to_one_request(northwind: Company) -> None:
    run = finish(begin(northwind, released(northwind, chain(2)), idempotency_key="start"))
    asked: dict[str, Any] = {"actor": northwind.operator, "reason": "Once more."}

    first, created = fork_run(run, position=1, idempotency_key="k", **asked)
    assert (fork_run(run, position=1, idempotency_key="k", **asked), created) == ((first, False), True)

    for other in ({"position": 0}, {"position": 1, "reason": "Another."}):
        with pytest.raises(WrongState, match="another request"):
            fork_run(run, idempotency_key="k", **{**asked, **other})
    for used in ("k", "start"):
        with pytest.raises(WrongState, match="another request"):
            replay_run(run, idempotency_key=used, **asked)
    with pytest.raises(WrongState, match="another request"):
        begin(northwind, run.release, idempotency_key="k")
    assert Run.objects.filter(source=run).count() == 1


def test_of_many_with_one_key_at_once_one_is_made(fresh_database: FreshDatabase, northwind: Company) -> None:
    run = finish(begin(northwind, released(northwind, chain(2))))

    def forked() -> tuple[Run, bool]:
        return fork_run(run, actor=northwind.operator, position=1, reason="Once more.", idempotency_key="k")

    answers = fresh_database.at_once(*[forked] * 6)

    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    assert sorted(created for _, created in answers) == [False] * 5 + [True]  # type: ignore[misc]
    assert {found.pk for found, _ in answers} == {Run.objects.get(source=run).pk}  # type: ignore[misc]


def told(run: Run, *, before: int) -> list[tuple[object, ...]]:
    """The steps up to there, by what they made."""
    steps = Step.objects.filter(run=run, position__lt=before)
    return list(steps.values_list("node", "output", "attempt"))


def edges(run: Run, node: str) -> set[tuple[str, str, str]]:
    """What the node's step read and made."""
    found = Edge.objects.filter(step__run=run, step__node=node)
    return set(found.values_list("role", "source", "artifact__sha256"))


def test_a_fork_of_an_experiment_is_one(northwind: Company, serving: Serving) -> None:
    run = finish(begin(northwind, released(northwind, complaint(northwind))))
    other = make_prompt(northwind, text="In one word.")
    tried = fork_of(
        run,
        actor=northwind.operator,
        position=2,
        reason="shorter?",
        overrides={"summarise": {"prompt": other}},
        environment=northwind.development,
    )

    again = finish(fork_of(finish(tried), actor=northwind.operator, position=3, reason="once more"))

    assert again.overrides == tried.overrides != {}
    assert verify_run(again, actor=northwind.auditor).holds

    model = make_model(northwind)
    both = fork_of(
        tried,
        actor=northwind.operator,
        position=2,
        reason="another model, too",
        overrides={"summarise": {"model": model}},
        environment=northwind.development,
    )
    assert both.overrides == {"summarise": {"prompt": str(other.pk), "model": str(model.pk)}}


@pytest.mark.parametrize("key", ["schedule:1:2026-11-23T08:00:00+00:00", "webhook:1:first"])
def test_what_is_made_from_a_run_takes_no_key_of_an_engine_start(northwind: Company, key: str) -> None:
    run = finish(begin(northwind, released(northwind, chain(2))))
    asked: dict[str, Any] = {"actor": northwind.operator, "reason": "Once more.", "idempotency_key": key}

    with pytest.raises(Invalid, match="Use another key"):
        fork_run(run, position=1, **asked)
    with pytest.raises(Invalid, match="Use another key"):
        replay_run(run, **asked)
