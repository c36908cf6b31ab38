"""Waiting a moment for the signature under what was just recorded."""

import time
from typing import Final
from uuid import UUID

from django.db import connection

from governance.proof.standing import latest_signature, standing

WANTED: Final = "countersign_wanted"
POLL_SECONDS: Final = 0.02
ASLEEP_SECONDS: Final = 300
SIGNED: Final = """
    SELECT EXISTS (
        SELECT FROM ledger_entry p JOIN ledger_checkpoint c ON c.log = p.log AND c.size > p.position
        WHERE p.event = %s)
"""
LAST: Final = "SELECT id FROM ledger_event WHERE organisation = %s ORDER BY id DESC LIMIT 1"


def await_checkpoint(organisation: UUID, *, seconds: float = 2.0) -> bool | None:
    """Whether what was last recorded of the organisation is signed, waiting so long for it.

    To be asked after the commit. None where nothing was ever signed. Where no keeper has verified anything
    or signed for minutes, none will sign within seconds, and nobody waits.
    """
    now = standing([organisation])
    if not now.signed:
        return None
    asleep = now.verified_seconds is None or now.verified_seconds > ASLEEP_SECONDS
    if asleep or now.unsigned_seconds > latest_signature():
        return False
    with connection.cursor() as cursor:
        cursor.execute(LAST, [organisation])
        last = cursor.fetchone()
        cursor.execute(f"NOTIFY {WANTED}")
        deadline = time.monotonic() + seconds
        while last and time.monotonic() < deadline:
            cursor.execute(SIGNED, [last[0]])
            if cursor.fetchone()[0]:
                return True
            time.sleep(POLL_SECONDS)
    return False


def told(organisation: UUID) -> str:
    """The sentence with which a page that waited ends, empty where nothing was ever signed."""
    signed = await_checkpoint(organisation)
    if signed is None:
        return ""
    return " Recorded and signed." if signed else " Recorded; the signature is outstanding."
