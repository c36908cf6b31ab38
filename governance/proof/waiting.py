"""Waiting a moment for the signature under what was just recorded."""

import time
from typing import Final
from uuid import UUID

from django.db import connection

WANTED: Final = "countersign_wanted"
POLL_SECONDS: Final = 0.02
SIGNED: Final = """
    SELECT EXISTS (
        SELECT FROM ledger_entry p JOIN ledger_checkpoint c ON c.log = p.log AND c.size > p.position
        WHERE p.event = %s)
"""
LAST: Final = "SELECT id FROM ledger_event WHERE organisation = %s ORDER BY id DESC LIMIT 1"


def await_checkpoint(organisation: UUID, *, seconds: float = 2.0) -> bool:
    """Whether what was last recorded of the organisation is signed, waiting so long for it.

    To be asked after the commit. Where nothing was ever signed there is nothing to wait for.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM ledger_log)")
        if not cursor.fetchone()[0]:
            return False
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
