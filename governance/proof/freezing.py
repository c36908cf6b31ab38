"""What was found stops work until somebody has looked into it. Nothing is mended, and nothing forgotten."""

import logging
from typing import Final

from django.db import connection, transaction

from governance.accounts.models import User
from governance.errors import NotAllowed, WrongState
from governance.ledger.services import details_bytes
from governance.ledger.text import storable
from governance.proof.findings import Finding
from governance.proof.models import Freeze, Thaw
from governance.proof.querysets import INSTALLATION

LOG = logging.getLogger(__name__)
LONGEST_REASON = 1000
# Each inserts its row and records the event that tells of it.
FOUND: Final = "SELECT ledger_find(%s, %s)"
THAWED: Final = "SELECT ledger_thaw_by(%s, %s)"


def freeze(finding: Finding, *, actor: User) -> bool:
    """Record the finding, unless the same was recorded before; whether it is new. Says so in the log."""
    with connection.cursor() as cursor:
        cursor.execute(FOUND, [details_bytes(finding.plain()), actor.pk])
        made = cursor.fetchone()[0] is not None
    if made:
        LOG.error("the ledger does not hold: %s (%s)", finding.said, finding.code)
    return made


def thaw(found: Freeze, *, actor: User, reason: str) -> Thaw:
    """Let work go on after a finding, which stays on record; the same one holds nothing up again.

    Raises `NotAllowed` unless the actor owns the log's organisation, of the installation's some organisation,
    or sets the installation up; `WrongState` when it was thawed before; `Invalid` without a reason.
    """
    owned = set(actor.owned_organisations.values_list("pk", flat=True))
    if not (actor.is_set_up or found.log in owned or (owned and found.log in {None, INSTALLATION})):
        raise NotAllowed("Only a platform owner lets work go on after a finding.", missing="platform owner")
    reason = storable(reason, field="reason", longest=LONGEST_REASON, missing="Say what was found out.")
    details = details_bytes({"code": found.code, "freeze": str(found.pk), "reason": reason})
    with transaction.atomic(), connection.cursor() as cursor:
        if Thaw.objects.filter(freeze=found).exists():
            raise WrongState("Somebody has let work go on already.")
        cursor.execute(THAWED, [actor.pk, details])
        return Thaw.objects.get(pk=cursor.fetchone()[0])
