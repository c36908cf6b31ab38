"""Whether the ledger can be relied on now: how far it is behind, when it was verified, what was found."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.conf import settings

from governance.errors import WrongState
from governance.prepared import rows
from governance.proof.querysets import INSTALLATION

LATEST_SECONDS: Final = 60.0
# Behind: since when the oldest event waits for its position, of those that came after all were done.
# Unsigned: how old the first entry is that no checkpoint holds; of a log, unless somebody has looked into a
# finding since it was signed last and let work go on, for what is relied on.
STATE: Final = b"""
    SELECT EXISTS (SELECT FROM ledger_log) AS signed,
           coalesce(extract(epoch FROM clock_timestamp() - (
               SELECT e.at FROM ledger_event e
               WHERE e.xid >= pg_snapshot_xmax(s.seen::pg_snapshot)::text::bigint
                 AND e.xid < pg_snapshot_xmax(pg_current_snapshot())::text::bigint
                 AND NOT EXISTS (SELECT FROM ledger_entry p WHERE p.event = e.id)
               ORDER BY e.xid, e.id LIMIT 1)), 0)::float AS behind_seconds,
           coalesce(u.seconds, 0)::float AS unsigned_seconds,
           coalesce(u.refusing, 0)::float AS refusing_seconds,
           v.at AS verified_at,
           extract(epoch FROM clock_timestamp() - v.at)::float AS verified_seconds,
           EXISTS (SELECT FROM ledger_freeze f WHERE (f.log IS NULL OR f.log = ANY (%(logs)s::uuid[]))
                   AND NOT EXISTS (SELECT FROM ledger_thaw t WHERE t.freeze_id = f.id)) AS frozen,
           EXISTS (SELECT FROM ledger_key k JOIN ledger_log l ON l.id = k.log
                   WHERE k.log = ANY (%(logs)s::uuid[])
                     AND NOT starts_with(k.vkey, l.origin || '+')) AS restored
    FROM ledger_sequencing s
    LEFT JOIN (SELECT at FROM ledger_verification ORDER BY id DESC LIMIT 1) AS v ON true
    CROSS JOIN (
        SELECT max(w.seconds) AS seconds, max(w.seconds) FILTER (WHERE NOT EXISTS (
                   SELECT FROM ledger_thaw t JOIN ledger_freeze f ON f.id = t.freeze_id
                   WHERE f.log = w.log AND (w.signed_at IS NULL OR t.at > w.signed_at))) AS refusing
        FROM (SELECT asked.log, c.at AS signed_at,
                     extract(epoch FROM clock_timestamp() - e.at) AS seconds
              FROM unnest(%(logs)s::uuid[]) AS asked (log)
              LEFT JOIN LATERAL (SELECT size, at FROM ledger_checkpoint k WHERE k.log = asked.log
                                 ORDER BY size DESC LIMIT 1) AS c ON true
              JOIN ledger_entry p ON p.log = asked.log AND p.position = coalesce(c.size, 0)
              JOIN ledger_event e ON e.id = p.event) AS w) AS u
    WHERE s.id = 1
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """`signed`: whether a keeper ever signed. `frozen`: whether a finding stands. None for what never was.

    `restored`: whether one of the logs goes on under another name than its first, what was lost being told.

    `unsigned_seconds` is the age of the oldest entry that should be signed and is not; `refusing_seconds` the
    same without the logs whose last finding somebody has looked into.
    """

    signed: bool
    behind_seconds: float
    unsigned_seconds: float
    refusing_seconds: float
    verified_at: datetime | None
    verified_seconds: float | None
    frozen: bool
    restored: bool


def standing(logs: Iterable[UUID] = ()) -> Standing:
    """How the ledger stands for who reads these logs, in one query by index."""
    (found,) = rows(STATE, {"logs": [*logs]})
    return Standing(*found)


def refuse_unless_standing(organisation: UUID) -> None:
    """Raise `WrongState` while what is recorded now could not be relied on.

    That is while a finding about the organisation's log stands, and while sequencing or signing is over a
    minute behind.
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
    if now.signed and now.refusing_seconds > latest_signature():
        raise WrongState(
            f"The ledger has not been signed for {now.refusing_seconds:,.0f} seconds: its keeper says why in "
            "its log. Nothing was done."
        )


def latest_signature() -> float:
    """The age from which on an entry should have been signed, in seconds."""
    return LATEST_SECONDS + 2 * float(settings.LEDGER_CHECKPOINT_SECONDS)
