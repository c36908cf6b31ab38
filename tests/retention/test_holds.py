"""Holds: what they are about, who places them, and the two people who lift them."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from governance.access.organisations import add_owner
from governance.accounts.models import User
from governance.errors import Invalid, NotAllowed, NotVisible, WrongState
from governance.ledger.models import Event
from governance.releases.models import Release
from runs.records.models import Run
from runs.retention.holds import ask_lift, confirm_lift, place_hold
from runs.retention.models import Hold
from runs.retention.scopes import About, Scope, about_of, about_period, about_reference
from tests.factories.cast import Company
from tests.factories.retention import held, old_run
from tests.factories.runs import begin, chain, finish, released

pytestmark = pytest.mark.django_db
WHY = "A complaint is before the court."


@pytest.fixture
def release(northwind: Company) -> Release:
    return released(northwind, chain(2))


@pytest.fixture
def second(northwind: Company) -> User:
    """Another platform owner."""
    add_owner(northwind.organisation, actor=northwind.owner, person=northwind.stranger)
    return northwind.person("stranger")


def is_held(run: Run) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT runs_run_held(%s)", [run.pk])
        return bool(cursor.fetchone()[0])


def about(company: Company, run: Run, scope: Scope) -> About:
    ended = datetime(2024, 3, 1, tzinfo=UTC).date()
    if scope == Scope.REFERENCE:
        return about_reference(company.organisation, None, run.reference)
    if scope == Scope.PERIOD:
        return about_period(company.organisation, None, ended, ended)
    key = {Scope.RUN: run.pk, Scope.WORKFLOW: run.workflow_id, Scope.PROJECT: run.project_id}[scope]
    return about_of(scope, str(key), actor=company.owner)


@pytest.mark.parametrize("scope", list(Scope), ids=lambda scope: scope.value)
def test_a_hold_is_about_the_runs_of_its_scope_and_no_others(
    northwind: Company, release: Release, scope: Scope
) -> None:
    run, other = old_run(northwind, release), finish(begin(northwind, released(northwind, chain(1)), "Other"))
    hold = place_hold(about(northwind, run, scope), actor=northwind.owner, reason=WHY)

    assert is_held(run)
    assert is_held(other) == (scope == Scope.PROJECT)
    assert (hold.reason, hold.by_name) == (WHY, northwind.owner.name)
    event = Event.objects.get(kind="hold.placed")
    assert (event.object_id, event.details["scope"], event.details["reason"]) == (hold.pk, scope, WHY)


def test_a_second_person_lifts_it_and_never_the_first(
    northwind: Company, release: Release, second: User
) -> None:
    run = old_run(northwind, release)
    hold = held(northwind, run)
    with pytest.raises(WrongState, match="Nobody has asked"):
        confirm_lift(hold, actor=second)
    ask_lift(hold, actor=northwind.owner, reason="The case is closed.")
    with pytest.raises(NotAllowed, match="somebody else"):
        confirm_lift(hold, actor=northwind.owner)
    with pytest.raises(WrongState, match="asked already"):
        ask_lift(hold, actor=second, reason="Again.")
    assert is_held(run)

    confirm_lift(hold, actor=second)
    assert not is_held(run)
    kinds = list(Event.objects.about("hold", hold.pk).order_by("id").values_list("kind", "actor_name"))
    assert kinds == [
        ("hold.placed", northwind.owner.name),
        ("hold.lift_asked", northwind.owner.name),
        ("hold.lifted", second.name),
    ]
    with pytest.raises(WrongState, match="has ended"):
        ask_lift(hold, actor=second, reason="Again.")


def test_only_owners_place_and_lift(northwind: Company, rival: Company, release: Release) -> None:
    run = old_run(northwind, release)
    hold = held(northwind, run)
    for person in (northwind.auditor, northwind.operator, northwind.approver, northwind.author):
        for act in _acts(hold, person):
            with pytest.raises(NotAllowed):
                act()
    for person in (rival.owner, northwind.stranger, northwind.disabled):
        for act in _acts(hold, person):
            with pytest.raises(NotVisible):
                act()


def _acts(hold: Hold, person: User) -> tuple[Any, ...]:
    again = About(hold.organisation, hold.project, Scope.RUN, hold.name, hold.key)
    return (
        lambda: place_hold(again, actor=person, reason=WHY),
        lambda: ask_lift(hold, actor=person, reason=WHY),
        lambda: confirm_lift(hold, actor=person),
    )


def test_what_a_hold_is_about_is_looked_for(northwind: Company, rival: Company, release: Release) -> None:
    run = old_run(northwind, release)
    for key in ("", "OLD-1", str(northwind.owner.pk), "\x00"):
        with pytest.raises(Invalid, match="no such run"):
            about_of(Scope.RUN, key, actor=northwind.owner)
    with pytest.raises(Invalid, match="no such run"):
        about_of(Scope.RUN, str(run.pk), actor=rival.owner)
    with pytest.raises(Invalid):
        about_reference(northwind.organisation, None, " ")
    with pytest.raises(Invalid, match="before it begins"):
        about_period(northwind.organisation, None, date(2026, 2, 1), date(2026, 2, 1) - timedelta(days=1))
    with pytest.raises(Invalid, match="Say why"):
        place_hold(about(northwind, run, Scope.RUN), actor=northwind.owner, reason=" ")
