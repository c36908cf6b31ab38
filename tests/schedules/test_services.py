"""Setting, changing, pausing, resuming and retiring schedules."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from governance.errors import Invalid, NotAllowed, NotVisible, WrongState
from governance.ledger.models import Event
from runs.schedules import services
from runs.schedules.clock import database_now
from runs.schedules.models import Schedule
from runs.schedules.services import (
    change_schedule,
    create_schedule,
    pause_schedule,
    resume_schedule,
    retire_schedule,
)
from runs.schedules.terms import LARGEST_INPUTS, Terms
from tests.factories.cast import Company
from tests.factories.runs import LETTER, chain, complaint, released
from tests.factories.schedules import HOUR, make_due, make_operator, scheduled, told
from tests.factories.things import make_version


def terms(**changed: Any) -> Terms:
    return Terms(**{"zone": "UTC", "cron": "0 9 * * *", "inputs": {"letter": LETTER}, **changed})


def test_a_schedule_fires_next_at_the_first_time_after_now(northwind: Company) -> None:
    schedule = scheduled(northwind, cron="0 9 * * *", zone="America/New_York")

    now = database_now()
    assert schedule.next_at is not None
    assert now < schedule.next_at <= now + timedelta(hours=25)
    assert (schedule.saved_by, schedule.edition) == (northwind.operator, 1)
    event = Event.objects.about("schedule", schedule.pk).get()
    assert (event.kind, event.project) == ("schedule.created", northwind.project.pk)
    assert event.details["when"] == "At 09:00 every day"
    assert LETTER not in str(event.details)
    assert event in Event.objects.visible_to(northwind.auditor)


def test_who_may_not_start_runs_sets_no_schedule(northwind: Company, rival: Company) -> None:
    release = released(northwind, chain(1))
    for person, refusal in ((northwind.author, NotAllowed), (rival.operator, NotVisible)):
        with pytest.raises(refusal):
            scheduled(northwind, release, by=person)
    with pytest.raises(NotVisible):
        create_schedule(
            release.workflow, actor=northwind.operator, environment=rival.production, name="x", terms=terms()
        )
    assert not Schedule.objects.exists()


def test_what_was_set_is_changed_paused_resumed_and_retired_by_operators_alone(
    northwind: Company, rival: Company
) -> None:
    schedule = scheduled(northwind)
    for person, refusal in ((northwind.auditor, NotAllowed), (rival.operator, NotVisible)):
        with pytest.raises(refusal):
            change_schedule(schedule, actor=person, edition=1, name="x", terms=terms())
        with pytest.raises(refusal):
            pause_schedule(schedule, actor=person, reason="x")
        with pytest.raises(refusal):
            resume_schedule(schedule, actor=person)
        with pytest.raises(refusal):
            retire_schedule(schedule, actor=person, reason="x")


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"inputs": {}}, "letter"),
        ({"inputs": {"letter": "x", "other": "y"}}, "other"),
        ({"inputs": {"letter": "a\x00b"}}, "letter"),
        ({"inputs": {"letter": "\ud800"}}, "letter"),
        ({"inputs": {"letter": "x" * 2001}}, "letter"),  # as much as the workflow takes
        ({"inputs": {"letter": "x" * (LARGEST_INPUTS + 1)}}, "inputs"),
        ({"overlap": "perhaps"}, "overlap"),
        ({"catch_up": "all"}, "catch_up"),
        ({"zone": "Mars/Olympus"}, "zone"),
        ({"cron": "x"}, "cron"),
    ],
)
def test_what_a_run_could_not_start_with_is_refused(
    changed: dict[str, Any], field: str, northwind: Company
) -> None:
    release = released(northwind, complaint(northwind))
    with pytest.raises(Invalid) as refused:
        create_schedule(
            release.workflow,
            actor=northwind.operator,
            environment=release.environment,
            name="Letters",
            terms=terms(**changed),
        )
    assert set(refused.value.fields) == {field}


@pytest.mark.parametrize("name", ["", " ", "x" * 81, "a\nb", "a\x00b", "\u202egnp.exe"])
def test_a_name_is_read_as_it_is_written(name: str, northwind: Company) -> None:
    with pytest.raises(Invalid) as refused:
        scheduled(northwind, name=name)
    assert set(refused.value.fields) == {"name"}


def test_a_name_is_taken_until_its_schedule_is_retired(northwind: Company) -> None:
    release = released(northwind, chain(1))
    first = scheduled(northwind, release)
    with pytest.raises(Invalid, match="has this name"):
        scheduled(northwind, release)
    retire_schedule(first, actor=northwind.operator, reason="No longer needed.")
    assert scheduled(northwind, release).pk != first.pk


def test_before_anything_is_released_the_newest_version_says_what_is_needed(northwind: Company) -> None:
    workflow = make_version(northwind, "workflow", chain(1)).asset

    def made(wanted: Terms) -> Schedule:
        by, place = northwind.operator, northwind.production
        return create_schedule(workflow, actor=by, environment=place, name="x", terms=wanted)

    with pytest.raises(Invalid, match="missing"):
        made(terms(inputs={}))
    assert made(terms()).is_on


def test_who_saves_it_answers_for_it_and_an_older_edition_is_not_saved(northwind: Company) -> None:
    schedule = scheduled(northwind, by=northwind.operator)
    grantee = northwind.approver
    make_operator(northwind, grantee)

    changed = change_schedule(schedule, actor=grantee, edition=1, name="Daily", terms=terms())

    assert (changed.saved_by, changed.edition, changed.words) == (grantee, 2, "At 09:00 every day")
    assert changed.next_at is not None
    assert changed.next_at.hour == 9
    event = Event.objects.about("schedule", schedule.pk).latest("id")
    assert event.details["changes"]["cron"] == ["", "0 9 * * *"]
    assert set(event.details["changes"]) == {"name", "zone", "cron", "every_s"}
    with pytest.raises(WrongState, match="meanwhile"):
        change_schedule(schedule, actor=northwind.operator, edition=1, name="Mine", terms=terms())


def test_a_time_that_had_come_is_told_of_when_the_schedule_changes(northwind: Company) -> None:
    schedule = make_due(scheduled(northwind), missed=2)

    change_schedule(schedule, actor=northwind.operator, edition=1, name="Daily", terms=terms())

    assert told(schedule) == [("missed", 3, "The schedule was changed before it was started.")]


def test_another_name_leaves_the_time_as_it_is(northwind: Company) -> None:
    schedule = make_due(scheduled(northwind))
    kept = {"zone": "Europe/Berlin", "cron": "", "every_s": HOUR}

    changed = change_schedule(schedule, actor=northwind.operator, edition=1, name="New", terms=terms(**kept))

    assert changed.next_at == schedule.next_at
    assert told(schedule) == []


def test_what_is_paused_fires_after_now_when_it_is_resumed(northwind: Company) -> None:
    schedule = scheduled(northwind)
    paused = pause_schedule(schedule, actor=northwind.operator, reason="Over the holidays.")
    assert (paused.next_at, paused.paused_because) == (None, "Over the holidays.")
    with pytest.raises(WrongState, match="paused already"):
        pause_schedule(schedule, actor=northwind.operator, reason="Again.")
    make_operator(northwind, northwind.approver)

    resumed = resume_schedule(schedule, actor=northwind.approver)

    assert resumed.next_at is not None
    assert resumed.next_at > database_now()
    assert (resumed.saved_by, resumed.paused_because) == (northwind.approver, "")
    with pytest.raises(WrongState, match="not paused"):
        resume_schedule(schedule, actor=northwind.operator)


def test_a_reason_is_needed_to_pause_and_to_retire(northwind: Company) -> None:
    schedule = scheduled(northwind)
    for act in (pause_schedule, retire_schedule):
        with pytest.raises(Invalid) as refused:
            act(schedule, actor=northwind.operator, reason=" ")
        assert set(refused.value.fields) == {"reason"}


def test_what_is_retired_is_retired_for_good(northwind: Company) -> None:
    schedule = retire_schedule(scheduled(northwind), actor=northwind.operator, reason="Done.")
    assert schedule.next_at is None
    by = northwind.operator
    acts: list[Callable[[], Schedule]] = [
        lambda: resume_schedule(schedule, actor=by),
        lambda: pause_schedule(schedule, actor=by, reason="x"),
        lambda: retire_schedule(schedule, actor=by, reason="x"),
        lambda: change_schedule(schedule, actor=by, edition=1, name="x", terms=terms()),
    ]
    for act in acts:
        with pytest.raises(WrongState, match="retired"):
            act()


def test_a_project_and_an_organisation_have_so_many_and_no_more(
    northwind: Company, rival: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = released(northwind, chain(1))
    first = scheduled(northwind, release)
    with monkeypatch.context() as few:
        few.setattr(services, "MOST_PER_ORGANISATION", 1)
        with pytest.raises(WrongState, match="An organisation has at most 1 schedules"):
            scheduled(northwind, release, name="Second")
        scheduled(rival)
    with monkeypatch.context() as few:
        few.setattr(services, "MOST_PER_PROJECT", 1)
        with pytest.raises(WrongState, match="A project has at most 1 schedules"):
            scheduled(northwind, release, name="Second")
        retire_schedule(first, actor=northwind.operator, reason="Done.")
        scheduled(northwind, release, name="Second")
