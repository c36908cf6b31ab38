"""What somebody was refused: told once, and counted from then on."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from governance.access.models import Refusal
from governance.accounts.models import User
from governance.ledger.identity import uuid7
from governance.ledger.kinds import Kind
from governance.ledger.services import record
from governance.prepared import rows

REFUSE: Final = (Path(__file__).parent / "sql" / "refuse.sql").read_bytes()


def record_refusal(
    kind: Kind,
    *,
    actor: User,
    organisation: UUID,
    about: tuple[str, UUID],
    why: str,
    run: UUID | None = None,
    details: Mapping[str, Any],
) -> int:
    """In this transaction: how often the person was refused this for this reason. The first time is an event.

    `why` is a word of few; there is a row for each, so what one person can leave is bounded.
    """
    counted = {"id": uuid7(), "object_type": about[0], "object_id": about[1], "person": actor.pk, "why": why}
    [found] = rows(REFUSE, counted)
    if found.count == 1:
        record(kind, actor=actor, organisation=organisation, about=about, run=run, details=details)
    return int(found.count)


def repeated_refusals(about: tuple[str, UUID]) -> list[Refusal]:
    """Those that came more than once, the latest first."""
    found = Refusal.objects.filter(object_type=about[0], object_id=about[1], count__gt=1)
    return list(found.select_related("person").order_by("-last_at"))
