"""A schedule whose starts are refused again and again pauses itself, says why, and tells who saved it."""

from governance.ledger.models import Event
from runs.durable.actors import sweeper
from runs.schedules.firing import fire_due
from runs.schedules.firings import MOST_REFUSED
from runs.schedules.models import Schedule
from runs.schedules.services import create_schedule, pause_schedule, resume_schedule
from runs.schedules.terms import Terms
from tests.factories.cast import Company
from tests.factories.runs import LETTER, chain, put_into_effect
from tests.factories.schedules import HOUR, make_due, make_operator, told
from tests.factories.things import make_version
from tests.visiting import visitor


def unreleased(company: Company) -> Schedule:
    """A schedule of what is in effect nowhere."""
    return create_schedule(
        make_version(company, "workflow", chain(1)).asset,
        actor=company.operator,
        environment=company.development,
        name="Unreleased",
        terms=Terms(zone="UTC", every_s=HOUR, inputs={"letter": LETTER}),
    )


def fire(schedule: Schedule, times: int) -> Schedule:
    for _ in range(times):
        make_due(schedule)
        fire_due()
    return Schedule.objects.get(pk=schedule.pk)


def test_after_so_many_refusals_in_a_row_it_pauses_itself(northwind: Company) -> None:
    schedule = fire(unreleased(northwind), MOST_REFUSED - 1)
    assert schedule.is_on

    schedule = fire(schedule, 1)

    assert (schedule.state, schedule.paused_by_name) == ("paused", sweeper().name)
    assert [outcome for outcome, _, _ in told(schedule)] == ["refused"] * MOST_REFUSED
    [event] = Event.objects.about("schedule", schedule.pk).filter(kind="schedule.paused")
    assert event.details["reason"] == schedule.paused_because
    assert "20 starts in a row were refused. The last one: Nothing is released" in schedule.paused_because
    page = visitor(northwind.operator).get(f"/schedules/{schedule.pk}/").content.decode()
    assert "20 starts in a row were refused" in page
    assert fire_due() == {}


def test_who_saved_it_is_told_and_nobody_else(northwind: Company) -> None:
    make_operator(northwind, northwind.approver)
    schedule = fire(unreleased(northwind), MOST_REFUSED)
    other = unreleased_too(northwind)

    page = visitor(northwind.operator).get("/").content.decode()
    assert "Your schedules paused themselves" in page
    assert f"/schedules/{schedule.pk}/" in page
    assert f"/schedules/{other.pk}/" not in page
    assert "paused themselves" not in visitor(northwind.approver).get("/").content.decode()

    resume_schedule(schedule, actor=northwind.approver)
    assert "paused themselves" not in visitor(northwind.operator).get("/").content.decode()


def unreleased_too(company: Company) -> Schedule:
    """One that a person has paused."""
    schedule = create_schedule(
        make_version(company, "workflow", chain(1)).asset,
        actor=company.operator,
        environment=company.development,
        name="Paused by hand",
        terms=Terms(zone="UTC", every_s=HOUR, inputs={"letter": LETTER}),
    )
    return pause_schedule(schedule, actor=company.operator, reason="Later.")


def test_once_it_is_resumed_the_count_begins_anew(northwind: Company) -> None:
    schedule = fire(unreleased(northwind), MOST_REFUSED)
    resume_schedule(schedule, actor=northwind.operator)

    assert fire(schedule, MOST_REFUSED - 1).is_on
    assert not fire(schedule, 1).is_on


def test_one_that_starts_in_between_is_not_paused(northwind: Company) -> None:
    schedule = unreleased(northwind)
    fire(schedule, MOST_REFUSED - 1)
    newest = schedule.workflow.versions.get()
    put_into_effect(northwind, newest, environment=northwind.development)
    fire(schedule, 1)
    wants_more = {**chain(1), "inputs": [{"name": "letter"}, {"name": "language"}]}
    changed = make_version(northwind, "workflow", wants_more, asset=schedule.workflow)
    put_into_effect(northwind, changed, environment=northwind.development)
    Schedule.objects.filter(pk=schedule.pk).update(overlap="allow")

    assert fire(schedule, MOST_REFUSED - 1).is_on
    assert [outcome for outcome, _, _ in told(schedule)].count("refused") == 2 * (MOST_REFUSED - 1)
