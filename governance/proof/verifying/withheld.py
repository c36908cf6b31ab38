"""Events that should long have had their position."""

from typing import Final

from django.db import connection

from governance.proof.findings import Finding
from governance.proof.querysets import INSTALLATION

PATIENCE_SECONDS: Final = 60
MOST_FINDINGS: Final = 20
WITHHELD: Final = """
    SELECT e.id, coalesce(e.organisation, %s), e.at FROM ledger_event e
    WHERE e.at < clock_timestamp() - make_interval(secs => %s)
      AND NOT EXISTS (SELECT FROM ledger_entry p WHERE p.event = e.id)
    ORDER BY e.xid, e.id LIMIT %s
"""


def withheld(*, seconds: float = PATIENCE_SECONDS) -> list[Finding]:
    """The events that are older than so many seconds and have no position: sequencing passed them over."""
    with connection.cursor() as cursor:
        cursor.execute(WITHHELD, [INSTALLATION, seconds, MOST_FINDINGS])
        rows = cursor.fetchall()
    said = "An event was never sequenced: no checkpoint can hold it."
    return [Finding("withheld", said, log, event=event, at=at) for event, log, at in rows]
