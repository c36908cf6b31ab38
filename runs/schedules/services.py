"""Setting, changing, pausing, resuming and retiring schedules, by whoever may start runs."""

from typing import Any

from django.db import transaction

from governance.access.gate import authorise
from governance.access.permissions import Permission
from governance.access.unique import unless_taken
from governance.accounts.models import User
from governance.catalog.models import Asset
from governance.errors import Invalid, NotVisible, WrongState
from governance.ledger.kinds import Kind
from governance.ledger.services import record
from governance.ledger.text import printable, storable
from governance.releases.models import Environment
from runs.schedules.clock import database_now
from runs.schedules.models import Schedule
from runs.schedules.states import hold, next_time, settle
from runs.schedules.terms import Terms, told_of

LONGEST_NAME = 80
LONGEST_REASON = 1000
MOST_PER_PROJECT, MOST_PER_ORGANISATION = 500, 1_000
TAKEN = "Another schedule of the project has this name."
TIMING = ("zone", "cron", "every_s")


@transaction.atomic
def create_schedule(
    workflow: Asset, *, actor: User, environment: Environment, name: str, terms: Terms
) -> Schedule:
    """Start runs of the workflow there from now on, in the name of the actor, whatever release is in effect.

    Raises `NotVisible` or `NotAllowed` without "Start, resume and cancel runs"; `Invalid` naming what is
    wrong of the name, the timing and the inputs, held against what is in effect (or the newest version).
    """
    workflow = Asset.objects.select_related("project").get(pk=workflow.pk)
    authorise(actor, Permission.OPERATE, project=workflow.project)
    _check_place(workflow, environment)
    name = _name(name)
    columns, now = terms.fitting(workflow, environment), database_now()
    schedule = Schedule(
        project=workflow.project, workflow=workflow, environment=environment, name=name,
        saved_by=actor, saved_by_name=actor.name, anchor=now, **columns,
    )  # fmt: skip
    schedule.next_at = next_time(schedule, now)
    with unless_taken("name", TAKEN):
        schedule.save()
    _record(
        schedule, Kind.SCHEDULE_CREATED, actor, workflow=workflow.slug, environment=environment.slug,
        when=schedule.words, **told_of(columns),
    )  # fmt: skip
    return schedule


@transaction.atomic
def change_schedule(schedule: Schedule, *, actor: User, edition: int, name: str, terms: Terms) -> Schedule:
    """Save it anew, from now on in the name of the actor. One that is paused stays so.

    `edition` is the one that was read. Raises as `create_schedule` does, and `WrongState` for another edition
    or a retired one.
    """
    schedule = _locked(schedule, actor)
    if schedule.edition != edition:
        raise WrongState("Somebody saved the schedule meanwhile. Look at it again, then change it.")
    name, columns, now = _name(name), terms.fitting(schedule.workflow, schedule.environment), database_now()
    before = {"name": schedule.name, **{key: getattr(schedule, key) for key in columns}}
    if any(before[key] != columns[key] for key in TIMING):
        was_on = schedule.is_on
        settle(schedule, actor=actor, now=now, because="The schedule was changed before it was started.")
        _set(schedule, **columns, anchor=now)
        schedule.next_at = next_time(schedule, now) if was_on else None
    _set(schedule, **columns, name=name, edition=edition + 1)
    _take_over(schedule, actor, now)
    with unless_taken("name", TAKEN):
        schedule.save()
    told, new = told_of(before), told_of({"name": name, **columns})
    changes = {key: [told[key], new[key]] for key in new if told[key] != new[key]}
    _record(schedule, Kind.SCHEDULE_CHANGED, actor, changes=changes)
    return schedule


@transaction.atomic
def pause_schedule(schedule: Schedule, *, actor: User, reason: str) -> Schedule:
    """Have it fire no more until it is resumed. What it started goes on.

    Raises `NotVisible` or `NotAllowed` without "Start, resume and cancel runs", `Invalid` without a reason,
    `WrongState` for one that is paused or retired.
    """
    schedule = _locked(schedule, actor)
    reason = storable(reason, field="reason", longest=LONGEST_REASON, missing="Say why you pause it.")
    if not schedule.is_on:
        raise WrongState("The schedule is paused already.")
    now = database_now()
    settle(schedule, actor=actor, now=now, because="The schedule was paused before it was started.")
    hold(schedule, by=actor, now=now, because=reason)
    schedule.save()
    _record(schedule, Kind.SCHEDULE_PAUSED, actor, reason=reason)
    return schedule


@transaction.atomic
def resume_schedule(schedule: Schedule, *, actor: User) -> Schedule:
    """Have it fire again from now on, in the name of the actor; nothing of the time between is made up for.

    Raises `NotVisible` or `NotAllowed` without "Start, resume and cancel runs", `WrongState` for one that is
    not paused, or has no later time.
    """
    schedule = _locked(schedule, actor)
    if schedule.is_on:
        raise WrongState("The schedule is not paused.")
    now = database_now()
    following = next_time(schedule, now)
    if following is None:
        raise WrongState("There is no later time at which it would fire: change when it does.")
    _set(schedule, paused_at=None, paused_by_name="", paused_because="", next_at=following)
    _take_over(schedule, actor, now)
    schedule.save()
    _record(schedule, Kind.SCHEDULE_RESUMED, actor)
    return schedule


@transaction.atomic
def retire_schedule(schedule: Schedule, *, actor: User, reason: str) -> Schedule:
    """End it for good. What it started, and what is told of its firings, stays; its name is free again.

    Raises `NotVisible` or `NotAllowed` without "Start, resume and cancel runs", `Invalid` without a reason,
    `WrongState` for one that is retired.
    """
    schedule = _locked(schedule, actor)
    reason = storable(reason, field="reason", longest=LONGEST_REASON, missing="Say why you retire it.")
    now = database_now()
    settle(schedule, actor=actor, now=now, because="The schedule was retired before it was started.")
    schedule.retired_at = now
    schedule.save()
    _record(schedule, Kind.SCHEDULE_RETIRED, actor, reason=reason)
    return schedule


def _locked(schedule: Schedule, actor: User) -> Schedule:
    """The row, locked, and only then authorised for."""
    rows = Schedule.objects.select_for_update(of=("self",))
    schedule = rows.select_related("project", "workflow", "environment").get(pk=schedule.pk)
    authorise(actor, Permission.OPERATE, project=schedule.project)
    if schedule.retired_at is not None:
        raise WrongState("The schedule is retired. Make a new one.")
    return schedule


def _check_place(workflow: Asset, environment: Environment) -> None:
    if workflow.kind != Asset.Kind.WORKFLOW:
        raise Invalid("Only a workflow can be run.", fields={"workflow": "Choose a workflow."})
    if environment.organisation_id != workflow.project.organisation_id:
        raise NotVisible("There is no such environment.")
    current = Schedule.objects.current()
    if current.filter(project=workflow.project_id).count() >= MOST_PER_PROJECT:
        raise WrongState(f"A project has at most {MOST_PER_PROJECT} schedules. Retire some.")
    if current.filter(project__organisation=environment.organisation_id).count() >= MOST_PER_ORGANISATION:
        raise WrongState(f"An organisation has at most {MOST_PER_ORGANISATION:,} schedules. Retire some.")


def _name(name: str) -> str:
    return printable(name, longest=LONGEST_NAME, missing="Give the schedule a name.")


def _set(schedule: Schedule, **columns: Any) -> None:
    for name, value in columns.items():
        setattr(schedule, name, value)


def _take_over(schedule: Schedule, actor: User, now: Any) -> None:
    """From now on each start is that of the actor."""
    _set(schedule, saved_by=actor, saved_by_name=actor.name, saved_at=now)


def _record(schedule: Schedule, kind: Kind, actor: User, **details: Any) -> None:
    record(
        kind,
        actor=actor,
        organisation=schedule.project.organisation_id,
        about=("schedule", schedule.pk),
        details={"name": schedule.name, **details},
    )
