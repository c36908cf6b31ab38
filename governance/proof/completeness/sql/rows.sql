-- Rows of a log's organisation with these identifiers, and those of them of which no event tells.
SELECT count(*), count(*) FILTER (WHERE NOT told), (array_agg(id ORDER BY id) FILTER (WHERE NOT told))[1:20]
FROM (
    SELECT thing.id, EXISTS (
        SELECT FROM ledger_event event
        WHERE event.object_type = '{about}' AND event.object_id = thing.{named} AND event.kind IN ({kinds}) AND {says}
    ) AS told
    FROM {table} thing
    WHERE {belongs} AND thing.id BETWEEN %(low)s AND %(high)s
) AS compared
