-- The first positions of a stretch of one log of which the entry, or its event, is not there.
SELECT wanted.position, p.event
FROM generate_series(%(first)s::bigint, %(end)s::bigint - 1) AS wanted (position)
     LEFT JOIN ledger_entry p ON p.log = %(log)s AND p.position = wanted.position
     LEFT JOIN ledger_event e ON e.id = p.event
WHERE e.id IS NULL ORDER BY 1 LIMIT 20
