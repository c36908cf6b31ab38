"""The columns by which events are found, against the record that was hashed."""

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from django.db import connection, transaction
from django.db.utils import DataError

from governance.proof.findings import Finding
from governance.proof.verifying.scanning import SETTINGS, Slice, slices

MOST_FINDINGS: Final = 20
WITH_DIFFERENCE: Final = """
    SELECT * FROM (
    SELECT p.position, e.id, e.at,
           concat_ws(', ',
               CASE WHEN r ->> 'id' IS DISTINCT FROM e.id::text THEN 'id' END,
               CASE WHEN r ->> 'actor' IS DISTINCT FROM e.actor::text THEN 'actor' END,
               CASE WHEN r ->> 'actor_name' IS DISTINCT FROM e.actor_name THEN 'actor_name' END,
               CASE WHEN r ->> 'at' IS DISTINCT FROM
                   to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') THEN 'at' END,
               CASE WHEN r ->> 'kind' IS DISTINCT FROM e.kind THEN 'kind' END,
               CASE WHEN r ->> 'object_id' IS DISTINCT FROM e.object_id::text THEN 'object_id' END,
               CASE WHEN r ->> 'object_type' IS DISTINCT FROM e.object_type THEN 'object_type' END,
               CASE WHEN r ->> 'run' IS DISTINCT FROM e.run::text THEN 'run' END,
               CASE WHEN r ->> 'organisation' IS DISTINCT FROM e.organisation::text THEN 'organisation' END,
               CASE WHEN r ? 'project' AND
                   r ->> 'project' IS DISTINCT FROM e.project::text THEN 'project' END,
               CASE WHEN p.log <> coalesce(e.organisation, '00000000-0000-0000-0000-000000000000')
                    THEN 'log' END) AS differing
    FROM ledger_entry p JOIN ledger_event e ON e.id = p.event,
         LATERAL (SELECT convert_from(e.record, 'UTF8')::jsonb AS r OFFSET 0) AS told  -- read once a row
    WHERE p.log = %s AND p.position >= %s AND p.position < %s
    ) AS compared WHERE differing <> '' ORDER BY 1 LIMIT %s
"""


def columns(log: UUID, first: int, end: int, known: Iterable[Finding] = ()) -> list[Finding]:
    """The entries of which a column says something else than the record, but for those found before."""
    named = {found.position for found in known if found.log == log}
    found = [finding for part in slices(log, first, end) for finding in _differing(part)]
    return [finding for finding in found if finding.position not in named]


def _differing(part: Slice) -> list[Finding]:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(SETTINGS)
            cursor.execute(WITH_DIFFERENCE, [part.log, part.first, part.end, MOST_FINDINGS])
            rows = cursor.fetchall()
    except DataError:
        return [Finding("record_unreadable", "A record is no JSON in UTF-8.", part.log, part.first)]
    return [
        Finding(
            "column_differs", f"Beside the record, {differing} was altered.", part.log, position, event, at
        )
        for position, event, at, differing in rows
    ]
