"""What was found stops work until somebody has looked into it. Nothing is mended, and nothing forgotten."""

import logging

from django.db import transaction

from governance.accounts.models import User
from governance.errors import NotAllowed, WrongState
from governance.ledger.kinds import Kind
from governance.ledger.services import record
from governance.ledger.text import storable
from governance.proof.findings import Finding
from governance.proof.models import Freeze, Thaw
from governance.proof.querysets import INSTALLATION

LOG = logging.getLogger(__name__)
LONGEST_REASON = 1000


def freeze(finding: Finding, *, actor: User) -> bool:
    """Record the finding, unless the same was recorded before; whether it is new. Says so in the log."""
    known = Freeze.objects.filter(
        code=finding.code, log=finding.log, position=finding.position, finding__event=finding.plain()["event"]
    )
    if finding.position is None and finding.event is None:
        known = known.filter(finding__said=finding.said)
    with transaction.atomic():
        if known.exists():
            return False
        record(
            Kind.LEDGER_FROZEN,
            actor=actor,
            organisation=finding.log if finding.log != INSTALLATION else None,
            about=("log", finding.log or INSTALLATION),
            details={**finding.plain(), "at": None},
        )
        Freeze.objects.create(
            log=finding.log, code=finding.code, position=finding.position, finding=finding.plain()
        )
    LOG.error("the ledger does not hold: %s (%s)", finding.said, finding.code)
    return True


def thaw(found: Freeze, *, actor: User, reason: str) -> Thaw:
    """Let work go on after a finding, which stays on record; the same one holds nothing up again.

    Raises `NotAllowed` unless the actor owns the log's organisation, of the installation's some organisation,
    or sets the installation up; `WrongState` when it was thawed before; `Invalid` without a reason.
    """
    owned = set(actor.owned_organisations.values_list("pk", flat=True))
    if not (actor.is_set_up or found.log in owned or (owned and found.log in {None, INSTALLATION})):
        raise NotAllowed("Only a platform owner lets work go on after a finding.", missing="platform owner")
    reason = storable(reason, field="reason", longest=LONGEST_REASON, missing="Say what was found out.")
    with transaction.atomic():
        if Thaw.objects.filter(freeze=found).exists():
            raise WrongState("Somebody has let work go on already.")
        record(
            Kind.LEDGER_THAWED,
            actor=actor,
            organisation=found.log if found.log != INSTALLATION else None,
            about=("log", found.log or INSTALLATION),
            details={"code": found.code, "freeze": str(found.pk), "reason": reason},
        )
        return Thaw.objects.create(freeze=found, by_name=actor.name, reason=reason)
