-- Those that tell of such a row, and those of them whose row is not there.
SELECT '{what}', count(*), count(*) FILTER (WHERE NOT stands),
       (array_agg(ARRAY[position::text, id::text] ORDER BY position) FILTER (WHERE NOT stands))[1:1]
FROM (
    SELECT event.position, event.id, EXISTS (
        SELECT FROM {table} thing WHERE thing.{named} = event.object_id AND {same}
    ) AS stands
    FROM told event WHERE event.object_type = '{about}' AND event.kind IN ({kinds})
) AS compared
