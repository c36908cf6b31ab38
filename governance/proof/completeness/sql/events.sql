-- The events of a stretch of a log, read once for all that is looked for among them.
WITH told AS MATERIALIZED (
    SELECT p.position, event.id, event.kind, event.object_type, event.object_id, event.actor
    FROM ledger_entry p JOIN ledger_event event ON event.id = p.event
    WHERE p.log = %(log)s AND p.position >= %(first)s AND p.position < %(end)s
)
{each}
