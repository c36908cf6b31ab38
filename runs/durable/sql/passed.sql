-- The sweeper's last pass, and what the last one that found something found. Workers that nobody has heard of for a day
-- are forgotten, those that left in order after an hour.
WITH forgotten AS (
    DELETE FROM runs_worker
    WHERE seen_at < clock_timestamp() - interval '1 day' OR left_at < clock_timestamp() - interval '1 hour'
)
INSERT INTO runs_sweeper_pass AS pass (id, at, by, took_ms, found_at, found)
VALUES (1, clock_timestamp(), %(by)s, %(took_ms)s, CASE WHEN %(found)s::jsonb IS NOT NULL THEN clock_timestamp() END,
        coalesce(%(found)s::jsonb, '{}'))
ON CONFLICT (id) DO UPDATE
SET at = excluded.at, by = excluded.by, took_ms = excluded.took_ms, found_at = coalesce(excluded.found_at, pass.found_at),
    found = CASE WHEN excluded.found_at IS NULL THEN pass.found ELSE excluded.found END
RETURNING id
