-- Events of a stretch of a log that tell of such a row, and those of them whose row is not there.
SELECT count(*), count(*) FILTER (WHERE NOT stands), (array_agg(ARRAY[position::text, id::text] ORDER BY position)
    FILTER (WHERE NOT stands))[1:20]
FROM (
    SELECT p.position, event.id, EXISTS (
        SELECT FROM {table} thing WHERE thing.{named} = event.object_id AND {same}
    ) AS stands
    FROM ledger_entry p JOIN ledger_event event ON event.id = p.event
    WHERE p.log = %(log)s AND p.position >= %(first)s AND p.position < %(end)s
      AND event.object_type = '{about}' AND event.kind IN ({kinds})
) AS compared
