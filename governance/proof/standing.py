"""Whether the ledger can be relied on now: how far it is behind, when it was verified, what was found."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import connection

from governance.errors import WrongState
from governance.proof.models import Freeze

LATEST_SECONDS: Final = 60.0
# Behind: since when the oldest event waits for its position, of those that came after all were done.
STATE: Final = """
    SELECT s.seen IS NOT NULL AND EXISTS (SELECT FROM ledger_log),
           coalesce(extract(epoch FROM clock_timestamp() - (
               SELECT e.at FROM ledger_event e
               WHERE e.xid >= pg_snapshot_xmax(s.seen::pg_snapshot)::text::bigint
                 AND e.xid < pg_snapshot_xmax(pg_current_snapshot())::text::bigint
                 AND NOT EXISTS (SELECT FROM ledger_entry p WHERE p.event = e.id)
               ORDER BY e.xid, e.id LIMIT 1)), 0)::float,
           (SELECT v.at FROM ledger_verification v ORDER BY v.id DESC LIMIT 1),
           extract(epoch FROM clock_timestamp() - (
               SELECT v.at FROM ledger_verification v ORDER BY v.id DESC LIMIT 1))::float
    FROM ledger_sequencing s WHERE s.id = 1
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """`signed` is whether a keeper has ever signed; times in seconds, None for what never was."""

    signed: bool
    behind_seconds: float
    verified_at: datetime | None
    verified_seconds: float | None


def standing() -> Standing:
    """How the ledger stands, in one query by index."""
    with connection.cursor() as cursor:
        cursor.execute(STATE)
        return Standing(*cursor.fetchone())


def refuse_unless_standing(organisation: UUID) -> None:
    """Raise `WrongState` while what is recorded now could not be relied on.

    That is while a finding about the organisation's log stands, and while sequencing is over a minute behind.
    A portal that never had a keeper refuses nothing: its pages say that nothing is signed.
    """
    if found := Freeze.objects.holding(organisation).first():
        raise WrongState(
            f"The ledger does not hold ({found.code}). Until a platform owner has looked into it, nothing "
            "that others rely on is decided."
        )
    now = standing()
    if now.signed and now.behind_seconds > LATEST_SECONDS:
        raise WrongState(
            f"The ledger is {now.behind_seconds:,.0f} seconds behind: its keeper does not run. "
            "Nothing was done."
        )
