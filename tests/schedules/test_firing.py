"""What becomes of a schedule's time: a run, or why there is none; and the next time in any case."""

from datetime import timedelta

import pytest

from governance.access.models import Grant
from governance.access.people import disable_person
from governance.access.services import revoke_role
from governance.ledger.models import Event
from runs.durable.actors import sweeper
from runs.durable.cancel import cancel_run
from runs.records.models import Run
from runs.schedules import firing
from runs.schedules.clock import database_now
from runs.schedules.firing import fire_due
from runs.schedules.models import Schedule
from runs.schedules.services import create_schedule, pause_schedule, resume_schedule
from runs.schedules.states import next_time
from runs.schedules.terms import Terms
from tests.factories.cast import Company
from tests.factories.runs import LETTER, begin, chain, finish, put_into_effect, released
from tests.factories.schedules import HOUR, make_due, make_operator, scheduled, told
from tests.factories.things import make_version

STANDS = "The run that it started last is still under way"


def read(schedule: Schedule) -> Schedule:
    return Schedule.objects.select_related("last_run").get(pk=schedule.pk)


def test_when_its_time_comes_it_starts_a_run_as_the_person_who_saved_it_would(northwind: Company) -> None:
    schedule = make_due(scheduled(northwind, name="Letters"))
    due = schedule.next_at
    assert due is not None

    assert fire_due() == {"started": 1}

    after = read(schedule)
    run = after.last_run
    assert run is not None
    assert (run.origin, run.started_by, run.state) == ("schedule", northwind.operator, "queued")
    assert run.idempotency_key == f"schedule:{schedule.pk}:{due.isoformat()}"
    assert run.reference.startswith("Letters 20")
    assert (run.firing.schedule, run.firing.due_at) == (schedule, due)
    assert after.next_at == due + timedelta(seconds=HOUR)
    fired = Event.objects.of_run(run.pk).get(kind="schedule.fired")
    assert (fired.actor, fired.object_id) == (sweeper().pk, schedule.pk)
    assert finish(run).state == Run.State.SUCCEEDED
    assert fire_due() == {}


def test_it_starts_whatever_is_in_effect_then(northwind: Company) -> None:
    first = released(northwind, chain(1))
    schedule = make_due(scheduled(northwind, first))
    newer = put_into_effect(northwind, make_version(northwind, "workflow", chain(2), asset=first.workflow))

    fire_due()

    run = read(schedule).last_run
    assert run is not None
    assert run.release == newer


def test_what_is_not_due_or_paused_does_not_fire(northwind: Company) -> None:
    release = released(northwind, chain(1))
    scheduled(northwind, release)
    paused = scheduled(northwind, release, name="Paused")
    pause_schedule(paused, actor=northwind.operator, reason="Holidays.")

    assert fire_due() == {}
    assert not Run.objects.exists()


def test_where_nothing_is_released_the_refusal_is_told_each_time(northwind: Company) -> None:
    schedule = create_schedule(
        make_version(northwind, "workflow", chain(1)).asset,
        actor=northwind.operator,
        environment=northwind.production,
        name="Unreleased",
        terms=Terms(zone="UTC", every_s=HOUR, inputs={"letter": LETTER}),
    )
    make_due(schedule)

    assert fire_due() == {"refused": 1}
    make_due(schedule)
    assert fire_due() == {"refused": 1}

    assert [(outcome, "Nothing is released to Production" in why) for outcome, _, why in told(schedule)] == [
        ("refused", True),
        ("refused", True),
    ]
    assert read(schedule).is_on
    told_of = Event.objects.about("schedule", schedule.pk).filter(kind="schedule.refused")
    assert told_of.filter(project=northwind.project.pk).count() == 2


def test_inputs_that_no_longer_fit_are_refused_in_words(northwind: Company) -> None:
    release = released(northwind, chain(1))
    schedule = make_due(scheduled(northwind, release))
    wants_more = {**chain(1), "inputs": [{"name": "letter"}, {"name": "language"}]}
    put_into_effect(northwind, make_version(northwind, "workflow", wants_more, asset=release.workflow))

    fire_due()

    [(outcome, _, why)] = told(schedule)
    assert (outcome, "language: This input is missing." in why) == ("refused", True)


@pytest.mark.parametrize("how", ["role revoked", "account shut"])
def test_who_may_not_start_runs_any_more_pauses_it(how: str, northwind: Company) -> None:
    schedule = make_due(scheduled(northwind))
    if how == "account shut":
        disable_person(northwind.operator, actor=northwind.owner, organisation=northwind.organisation)
    else:
        grant = Grant.objects.get(person=northwind.operator)
        revoke_role(grant, actor=northwind.owner, reason="moved on")

    assert fire_due() == {"refused": 1}

    after = read(schedule)
    assert (after.next_at, after.paused_by_name) == (None, sweeper().name)
    assert "Otto Operator may not start runs in Complaints any more." in after.paused_because
    assert told(schedule)[0][0] == "refused"
    assert Event.objects.about("schedule", schedule.pk).filter(kind="schedule.paused").exists()
    assert fire_due() == {}
    make_operator(northwind, northwind.approver)
    resume_schedule(schedule, actor=northwind.approver)
    make_due(schedule)
    assert fire_due() == {"started": 1}


def test_by_default_a_firing_is_skipped_while_the_last_run_is_under_way(northwind: Company) -> None:
    schedule = make_due(scheduled(northwind))
    fire_due()
    make_due(schedule, ago=4)

    assert fire_due() == {"skipped": 1}

    assert told(schedule)[-1] == ("skipped", 1, f"{STANDS}.")
    run = read(schedule).last_run
    assert run is not None
    finish(run)
    make_due(schedule, ago=3)
    assert fire_due() == {"started": 1}


def test_where_runs_may_overlap_each_is_started(northwind: Company) -> None:
    schedule = make_due(scheduled(northwind, overlap="allow"))
    fire_due()
    make_due(schedule, ago=4)

    assert fire_due() == {"started": 1}
    assert Run.objects.count() == 2


def test_one_firing_waits_for_the_end_of_the_run_and_the_next_is_skipped(northwind: Company) -> None:
    schedule = make_due(scheduled(northwind, overlap="queue"))
    fire_due()
    first = read(schedule).last_run
    assert first is not None

    waiting = make_due(schedule, ago=4)
    assert fire_due() == {}
    assert read(schedule).queued_for == waiting.next_at
    assert Event.objects.about("schedule", schedule.pk).filter(kind="schedule.queued").count() == 1
    make_due(schedule, ago=3)
    assert fire_due() == {"skipped": 1}
    assert told(schedule)[-1][2] == f"{STANDS}, and another firing waits for its end."

    cancel_run(first, actor=northwind.operator, reason="Too slow.")
    assert fire_due() == {"started": 1}
    after = read(schedule)
    assert after.queued_for is None
    assert after.last_run is not None
    assert after.last_run.firing.due_at == waiting.next_at


def test_what_waits_when_the_schedule_is_paused_is_told_as_skipped(northwind: Company) -> None:
    schedule = make_due(scheduled(northwind, overlap="queue"))
    fire_due()
    make_due(schedule, ago=4)
    fire_due()

    pause_schedule(schedule, actor=northwind.operator, reason="Enough.")

    assert told(schedule)[-1] == ("skipped", 1, "The schedule was paused before it was started.")


def test_after_a_stop_one_run_is_started_for_the_last_time(northwind: Company) -> None:
    schedule = make_due(scheduled(northwind), ago=1800, missed=3)

    assert fire_due() == {"missed": 1, "started": 1}

    assert told(schedule) == [("missed", 3, firing.NOBODY_LOOKED), ("started", 1, "")]
    assert Run.objects.count() == 1


def test_after_a_stop_nothing_is_made_up_for_where_that_is_chosen(northwind: Company) -> None:
    schedule = make_due(scheduled(northwind, catch_up="none"), ago=1800, missed=3)

    assert fire_due() == {"missed": 1}

    assert told(schedule) == [("missed", 4, firing.NOBODY_LOOKED)]
    after = read(schedule)
    assert after.next_at is not None
    assert after.next_at > database_now()


def test_what_is_in_time_is_started_whatever_was_missed_before(northwind: Company) -> None:
    schedule = make_due(scheduled(northwind, catch_up="none"), ago=20, missed=2)

    assert fire_due() == {"missed": 1, "started": 1}
    assert told(schedule) == [("missed", 2, firing.NOBODY_LOOKED), ("started", 1, "")]


def test_a_year_of_minutes_is_told_in_one_row(northwind: Company) -> None:
    schedule = scheduled(northwind, cron="* * * * *")
    long_ago = database_now().replace(second=0, microsecond=0) - timedelta(days=365)
    Schedule.objects.filter(pk=schedule.pk).update(next_at=long_ago)

    assert fire_due() == {"missed": 1, "started": 1}
    assert [row[:2] for row in told(schedule)] == [("missed", 1000), ("started", 1)]


def test_a_run_with_the_key_of_a_firing_does_not_pass_for_it(northwind: Company) -> None:
    release = released(northwind, chain(1))
    schedule = make_due(scheduled(northwind, release))
    assert schedule.next_at is not None
    key = f"schedule:{schedule.pk}:{schedule.next_at.isoformat()}"
    begin(northwind, release, LETTER, idempotency_key=key, origin=Run.Origin.SCHEDULE)

    assert fire_due() == {"refused": 1}
    assert read(schedule).is_on


def test_a_clock_that_is_put_back_makes_nothing_fire_twice(northwind: Company) -> None:
    schedule = make_due(scheduled(northwind))
    tomorrow = database_now() + timedelta(days=1)
    fire_due()
    [fired] = schedule.firings.all()

    found = next_time(read(schedule), fired.due_at - timedelta(hours=5))
    assert found is not None
    assert fired.due_at < found < tomorrow
