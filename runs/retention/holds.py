"""Placing a hold, and the two steps by two people that lift it."""

from datetime import timedelta
from typing import Final

from django.db import connection, transaction
from django.utils import timezone

from governance.accounts.models import User
from governance.errors import NotAllowed, WrongState
from governance.ledger.kinds import Kind
from governance.ledger.services import record
from governance.ledger.text import storable
from governance.proof.standing import refuse_unless_standing
from runs.retention.models import Hold, HoldLift, LiftAsked
from runs.retention.permission import authorise_hold
from runs.retention.rules import LONGEST_REASON
from runs.retention.scopes import About

ASKED_FOR: Final = timedelta(days=14)


@transaction.atomic
def place_hold(about: About, *, actor: User, reason: str) -> Hold:
    """From now on none of these contents is removed, whatever a rule says. A removal under way is waited for.

    Raises `NotVisible` or `NotAllowed` for who does not own the project, or the organisation where it is
    about all of it; `Invalid` without a reason.
    """
    authorise_hold(actor, organisation=about.organisation, project=about.project)
    reason = _reason(reason)
    hold = Hold.objects.create(
        organisation=about.organisation, project=about.project, scope=about.scope, key=about.key,
        since=about.since, until=about.until, name=about.name, reason=reason, by=actor, by_name=actor.name,
    )  # fmt: skip
    _record(hold, Kind.HOLD_PLACED, actor, reason=reason)
    return hold


@transaction.atomic
def ask_lift(hold: Hold, *, actor: User, reason: str) -> LiftAsked:
    """Ask that the hold end; somebody else confirms it within 14 days.

    Raises as `place_hold`, `WrongState` when it has ended or somebody has asked already.
    """
    hold = _standing(hold, actor)
    reason = _reason(reason)
    if open_request(hold) is not None:
        raise WrongState("This was asked already: somebody else has to confirm it.")
    asked = LiftAsked.objects.create(
        organisation=hold.organisation, hold=hold, reason=reason, by=actor, by_name=actor.name
    )
    _record(hold, Kind.HOLD_LIFT_ASKED, actor, reason=reason)
    return asked


@transaction.atomic
def confirm_lift(hold: Hold, *, actor: User) -> HoldLift:
    """End the hold, as somebody else has asked.

    Raises as `place_hold`, `NotAllowed` for who asked, `WrongState` when it has ended or nobody has asked.
    """
    hold = _standing(hold, actor)
    refuse_unless_standing(hold.organisation_id)
    asked = open_request(hold)
    if asked is None:
        raise WrongState("Nobody has asked for it within the last 14 days.")
    if asked.by_id == actor.pk:
        raise NotAllowed("You asked for it: somebody else has to confirm it.", missing="second person")
    lift = HoldLift.objects.create(
        organisation=hold.organisation, hold=hold, asked=asked, reason=asked.reason, by=actor,
        by_name=actor.name,
    )  # fmt: skip
    _record(hold, Kind.HOLD_LIFTED, actor, asked_by=asked.by_name, reason=asked.reason)
    return lift


def open_request(hold: Hold) -> LiftAsked | None:
    """What was asked and can still be confirmed."""
    return hold.asked.filter(at__gt=timezone.now() - ASKED_FOR).first()


def _standing(hold: Hold, actor: User) -> Hold:
    """The hold, authorised for, after whoever else is at the organisation's holds."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(runs_holds_key(%s))", [hold.organisation_id])
    hold = Hold.objects.select_related("organisation", "project").get(pk=hold.pk)
    authorise_hold(actor, organisation=hold.organisation, project=hold.project)
    if HoldLift.objects.filter(hold=hold).exists():
        raise WrongState("This hold has ended.")
    return hold


def _reason(text: str) -> str:
    return storable(text, field="reason", longest=LONGEST_REASON, missing="Say why.")


def _record(hold: Hold, kind: Kind, actor: User, **details: object) -> None:
    record(
        kind,
        actor=actor,
        organisation=hold.organisation_id,
        about=("hold", hold.pk),
        details={"about": f"{hold.get_scope_display().lower()} {hold.name}", "scope": hold.scope, **details},
    )
