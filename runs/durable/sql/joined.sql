-- The outputs of a map's items in their order, as the bytes of one JSON list: JSON as it is stored, text as a JSON string.
-- Of more bytes than are allowed only their number; and how many of them have another digest than was recorded, or are not
-- held by the database.
WITH outputs AS (
    SELECT step.item, artifact.size, artifact.body IS NULL AS placed,
           encode(sha256(artifact.body), 'hex') <> artifact.sha256 AS altered,
           CASE WHEN artifact.media_type = 'application/json' THEN artifact.body
                ELSE convert_to(to_json(convert_from(artifact.body, 'UTF8'))::text, 'UTF8') END AS body
    FROM runs_run AS part
    JOIN runs_step AS step ON step.run_id = part.id
    JOIN runs_artifact AS artifact ON artifact.id = step.output_id
    WHERE part.parent_id = %(run)s AND part.parent_position = %(position)s
      AND step.state = 'succeeded' AND step.item IS NOT NULL
), sizes AS (
    SELECT coalesce(sum(coalesce(length(body), outputs.size) + 1), 0) AS size, count(*) FILTER (WHERE altered) AS altered,
           count(*) FILTER (WHERE placed) AS placed
    FROM outputs
)
SELECT sizes.size, sizes.altered, sizes.placed,
       CASE WHEN sizes.size <= %(most)s AND sizes.placed = 0 THEN
           (SELECT '\x5b'::bytea || string_agg(body, '\x2c'::bytea ORDER BY item) || '\x5d'::bytea FROM outputs)
       END AS body
FROM sizes
