"""Whether the ledger can be relied on now: how far it is behind, when it was verified, what was found."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from governance.errors import WrongState
from governance.prepared import rows
from governance.proof.querysets import INSTALLATION

LATEST_SECONDS: Final = 60.0
# Behind: since when the oldest event waits for its position, of those that came after all were done.
STATE: Final = b"""
    SELECT s.seen IS NOT NULL AND EXISTS (SELECT FROM ledger_log) AS signed,
           coalesce(extract(epoch FROM clock_timestamp() - (
               SELECT e.at FROM ledger_event e
               WHERE e.xid >= pg_snapshot_xmax(s.seen::pg_snapshot)::text::bigint
                 AND e.xid < pg_snapshot_xmax(pg_current_snapshot())::text::bigint
                 AND NOT EXISTS (SELECT FROM ledger_entry p WHERE p.event = e.id)
               ORDER BY e.xid, e.id LIMIT 1)), 0)::float AS behind_seconds,
           v.at AS verified_at,
           extract(epoch FROM clock_timestamp() - v.at)::float AS verified_seconds,
           EXISTS (SELECT FROM ledger_freeze f WHERE (f.log IS NULL OR f.log = ANY (%(logs)s::uuid[]))
                   AND NOT EXISTS (SELECT FROM ledger_thaw t WHERE t.freeze_id = f.id)) AS frozen
    FROM ledger_sequencing s
    LEFT JOIN (SELECT at FROM ledger_verification ORDER BY id DESC LIMIT 1) AS v ON true
    WHERE s.id = 1
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """`signed`: whether a keeper ever signed. `frozen`: whether a finding stands. None for what never was."""

    signed: bool
    behind_seconds: float
    verified_at: datetime | None
    verified_seconds: float | None
    frozen: bool


def standing(logs: Iterable[UUID] = ()) -> Standing:
    """How the ledger stands for who reads these logs, in one query by index."""
    (found,) = rows(STATE, {"logs": [*logs]})
    return Standing(*found)


def refuse_unless_standing(organisation: UUID) -> None:
    """Raise `WrongState` while what is recorded now could not be relied on.

    That is while a finding about the organisation's log stands, and while sequencing is over a minute behind.
    A portal that never had a keeper refuses nothing: its pages say that nothing is signed.
    """
    now = standing([organisation, INSTALLATION])
    if now.frozen:
        raise WrongState(
            "The ledger does not hold: until a platform owner has looked into what was found, nothing that "
            "others rely on is decided."
        )
    if now.signed and now.behind_seconds > LATEST_SECONDS:
        raise WrongState(
            f"The ledger is {now.behind_seconds:,.0f} seconds behind: its keeper does not run. "
            "Nothing was done."
        )
