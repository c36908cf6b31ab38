"""Going back to an earlier version of what is remembered."""

from django.db import connection, transaction

from governance.access.gate import authorise
from governance.access.permissions import Permission
from governance.accounts.models import User
from governance.errors import WrongState
from governance.ledger.kinds import Kind
from governance.ledger.services import record
from governance.ledger.text import storable
from runs.memory.models import Entry
from runs.memory.writing import added, facts_of, newest_held

LONGEST_REASON = 1000
REMOVED = "SELECT pruned_at IS NOT NULL FROM runs_artifact WHERE id = %s FOR KEY SHARE"


@transaction.atomic
def revert_entry(entry: Entry, *, actor: User, reason: str) -> Entry:
    """Have this version hold again, as a new one; every version between stays as it was, and who read it.

    Raises `NotVisible` or `NotAllowed` without "Start, resume and cancel runs", `Invalid` without a reason,
    `WrongState` when it is what holds already, or what it says was removed.
    """
    entry = Entry.objects.select_related("project", "environment").get(pk=entry.pk)
    authorise(actor, Permission.OPERATE, project=entry.project)
    reason = storable(reason, field="reason", longest=LONGEST_REASON, missing="Say why you go back to it.")
    newest = newest_held(entry.place)
    if newest is not None and newest.artifact_id == entry.artifact_id:
        raise WrongState(f"What version {entry.number} says holds already.")
    _refuse_removed(entry)
    again = added(
        entry.place,
        restores=entry,
        artifact_id=entry.artifact_id,
        classification=entry.classification,
        author=actor,
        author_name=actor.name,
        reason=reason,
    )
    record(
        Kind.MEMORY_REVERTED,
        actor=actor,
        organisation=entry.place.organisation,
        about=("memory", again.pk),
        details={**facts_of(again), "restores": str(entry), "reason": reason},
    )
    return again


def _refuse_removed(entry: Entry) -> None:
    """Until the commit nobody removes what it says: a removal waits, and finds that it is used again."""
    with connection.cursor() as cursor:
        cursor.execute(REMOVED, [entry.artifact_id])
        [(removed,)] = cursor.fetchall()
    if removed:
        raise WrongState(f"What version {entry.number} said was removed: its time was over.")
