"""Several at the same moment, on real connections with real commits."""

from collections import Counter
from functools import partial

import pytest
from celery import current_app

from governance.errors import WrongState
from governance.ledger.models import Event
from runs.durable.cancel import cancel_run
from runs.durable.checkpoint import settled
from runs.durable.claim import Claim, claim, claim_next
from runs.durable.drive import drive
from runs.durable.moves import succeeded
from runs.durable.resume import resume_run
from runs.durable.start import start_run
from runs.durable.sweep import sweep
from runs.records.models import Run, Step
from tests.factories.cast import Company
from tests.factories.runs import LETTER, begin, chain, expire, finish, released, told
from tests.harness.fresh import FreshDatabase


def test_fifty_starts_with_one_key_make_one_run(fresh_database: FreshDatabase, northwind: Company) -> None:
    release = released(northwind, chain(1))
    operator, environment = northwind.operator, northwind.development

    def start() -> tuple[Run, bool]:
        return start_run(
            release.workflow,
            actor=operator,
            environment=environment,
            inputs={"letter": LETTER},
            idempotency_key="once",
        )

    answers = fresh_database.at_once(*[start] * 50)

    assert not [answer for answer in answers if isinstance(answer, Exception)]
    made = [answer for answer in answers if not isinstance(answer, Exception)]
    assert Counter(created for _, created in made) == {True: 1, False: 49}
    assert len({run.pk for run, _ in made}) == 1
    assert Run.objects.count() == 1
    assert Event.objects.filter(kind="run.started").count() == 1


def test_one_key_with_different_requests_makes_one_run_and_refuses_the_rest(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    release = released(northwind, chain(1))
    starts = [partial(begin, northwind, release, f"letter {n}", idempotency_key="once") for n in range(12)]

    answers = fresh_database.at_once(*starts)

    assert sum(isinstance(answer, Run) for answer in answers) == 1
    assert sum(isinstance(answer, WrongState) for answer in answers) == 11


def test_many_workers_at_one_run_execute_each_step_once(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    run = begin(northwind, released(northwind, chain(4)))

    answers = fresh_database.at_once(*[partial(drive, run.pk, worker=f"worker {n}") for n in range(10)])

    assert sorted(map(str, answers)) == ["False"] * 9 + ["True"]
    assert Step.objects.count() == 4
    assert Run.objects.get().lease_epoch == 1


def test_two_sweepers_take_each_run_back_once(fresh_database: FreshDatabase, northwind: Company) -> None:
    release = released(northwind, chain(1))
    runs = [begin(northwind, release, f"letter {n}") for n in range(20)]
    for run in runs:
        claim(run.pk, worker="dead")
        expire(run)

    swept = fresh_database.at_once(sweep, sweep, sweep)

    assert sum(found.recovered for found in swept if not isinstance(found, Exception)) == 20
    assert Event.objects.filter(kind="run.recovered").count() == 20
    assert set(Run.objects.values_list("recoveries", flat=True)) == {1}


def test_a_cancellation_and_the_last_step_at_once_leave_one_end(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    release, operator = released(northwind, chain(1)), northwind.operator
    for number in range(8):
        run = begin(northwind, release, f"letter {number}")
        found = claim(run.pk, worker="busy")
        assert found is not None
        end = partial(settled, found, [told(found, number)], succeeded("step_0", None))

        overtaken, cancelled = fresh_database.at_once(
            end, partial(cancel_run, run, actor=operator, reason="x")
        )

        if overtaken is None:
            after = Run.objects.get(pk=run.pk)
            assert isinstance(cancelled, WrongState)
            assert (after.state, after.steps.count()) == ("succeeded", 1)
        else:
            assert isinstance(overtaken, Claim)
            assert overtaken.asked == "cancel"
            expire(run)
            after = finish(run)
            assert (after.state, after.steps.count()) == ("cancelled", 0)
        ends = Event.objects.of_run(run.pk).filter(kind__in=["run.succeeded", "run.cancelled"])
        assert ends.count() == 1


def test_two_who_resume_at_once_resume_once(fresh_database: FreshDatabase, northwind: Company) -> None:
    run = finish(begin(northwind, released(northwind, chain(1, function="returns@1", what="raise"))))
    resume = partial(resume_run, run, actor=northwind.operator, reason="It is mended.")

    answers = fresh_database.at_once(resume, resume)

    assert sum(isinstance(answer, WrongState) for answer in answers) == 1
    after = Run.objects.get()
    assert (after.state, after.attempt) == ("ready", 2)
    assert Event.objects.filter(kind="run.resumed").count() == 1


def test_the_same_contents_from_many_writers_do_not_deadlock(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    release = released(northwind, chain(6))
    runs = [begin(northwind, release) for _ in range(10)]

    answers = fresh_database.at_once(*[partial(drive, run.pk, worker="w") for run in runs])

    assert answers == [True] * 10
    assert set(Run.objects.values_list("state", flat=True)) == {"succeeded"}


def test_a_broker_that_is_down_does_not_fail_the_start(
    fresh_database: FreshDatabase, northwind: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = released(northwind, chain(1))
    monkeypatch.setattr(current_app.conf, "broker_url", "redis+socket:///nowhere/valkey.sock")
    current_app.close()

    run = begin(northwind, release)

    current_app.close()
    waiting = Run.objects.get(pk=run.pk)
    assert (waiting.state, waiting.lease_owner) == ("queued", "")
    assert claim_next(worker="w", pool="io")
