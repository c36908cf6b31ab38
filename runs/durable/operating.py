"""What every act of an operator on a run begins with: the permission, and the locks."""

from collections.abc import Callable, Collection
from itertools import chain
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from governance.access.gate import authorise
from governance.access.permissions import Permission
from governance.accounts.models import User
from governance.errors import WrongState
from governance.ledger.kinds import Kind
from governance.ledger.models import Event
from runs.durable.machine import HELD_UP, UNDER_WAY
from runs.records.begun import Begun
from runs.records.failure import Failure
from runs.records.models import Run, Step

LASTING = UNDER_WAY | HELD_UP


def operated(run: Run, *, actor: User) -> Run:
    """The run, locked in this transaction. Raises `NotVisible` or `NotAllowed` for who may not operate it."""
    authorise(actor, Permission.OPERATE, project=run.project)
    return _locked([run.pk])[0]


def family_of(run: Run, *, actor: User, of: Collection[str] = LASTING) -> list[Run]:
    """The run and its parts in these states, and theirs, locked in this transaction; the run comes first.

    Usually the parts that have not ended. Parts are locked before what they are a part of, in the order in
    which a part that ends wakes its parent, so that the two cannot wait for each other. Raises as `operated`.
    """
    authorise(actor, Permission.OPERATE, project=run.project)
    found = _generations_locked(lambda: _generations(run.pk, of))
    return [each for each in found if each.pk == run.pk or each.state in of]


def parts_below(run: UUID) -> list[Run]:
    """The parts of a run that have not ended, and theirs, locked in this transaction as `family_of` does."""
    found = _generations_locked(lambda: _generations(run, LASTING)[1:])
    return [each for each in found if each.state in LASTING]


def _generations_locked(listed: Callable[[], list[list[UUID]]]) -> list[Run]:
    """All that are listed, the youngest locked first, and listed last."""
    while True:
        before, found = transaction.savepoint(), list[Run]()
        for generation in reversed(listed()):
            found = [*_locked(generation), *found]
        # While a lock was waited for, parts may have been made of what was not locked yet.
        if set(chain(*listed())) <= {each.pk for each in found}:
            transaction.savepoint_commit(before)
            return found
        transaction.savepoint_rollback(before)


def _generations(run: UUID, of: Collection[str]) -> list[list[UUID]]:
    """The run, its parts in these states, theirs, and so on, as they are committed."""
    found, younger = [], [run]
    while younger:
        found.append(younger)
        parts = Run.objects.filter(parent__in=younger, state__in=of)
        younger = list(parts.values_list("pk", flat=True))
    return found


def refuse_part(run: Run, verb: str) -> None:
    """Raise `WrongState` for a run that is a part of another, which is acted on as a whole."""
    if run.parent_id is not None:
        raise WrongState(f"This run is a part of another one: {verb} that one, and this goes with it.")


def refusal(run: Run, what: str) -> WrongState:
    """The error that says in which state the run is instead."""
    return WrongState(f"{what}; this one is {run.get_state_display().lower()}.")


def next_attempt(run: Run) -> int:
    """The number after every attempt that was recorded, or marked as begun, where the run stands."""
    here = {"run": run.pk, "position": run.position}
    tried = Step.objects.filter(**here).aggregate(last=Max("attempt"))["last"]
    begun = Begun.objects.filter(**here).aggregate(last=Max("attempt"))["last"]
    return max(tried or 0, begun or 0) + 1


def cancelled_by(run: Run) -> Failure | None:
    """Who cancelled the run and why, as it was recorded when it was asked; None when nobody did."""
    asked = Event.objects.of_run(run.pk).filter(kind__in=[Kind.RUN_CANCEL_ASKED, Kind.RUN_COMPENSATING])
    for event in asked:
        if reason := event.details.get("reason"):
            node = str(event.details.get("node", ""))
            return Failure("cancelled", f"Cancelled by {event.actor_name}", str(reason), node)
    return None


def _locked(runs: Collection[UUID]) -> list[Run]:
    rows = Run.objects.select_for_update(of=("self",)).select_related("project", "version__asset")
    return list(rows.filter(pk__in=runs).order_by("-id"))  # as the heartbeat does
