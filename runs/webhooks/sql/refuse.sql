-- One more refusal of this reason today; the row of ninety days ago is taken over.
WITH today AS (SELECT (clock_timestamp() AT TIME ZONE 'UTC')::date AS day)
INSERT INTO runs_webhook_refusal AS refusal (id, webhook_id, slot, reason, day, count, last_at)
SELECT %(id)s, %(webhook)s, (day - DATE '2000-01-01') %% %(days)s::integer, %(reason)s::text, day, 1, clock_timestamp()
FROM today
ON CONFLICT (webhook_id, slot, reason) DO UPDATE
    SET count = CASE WHEN refusal.day = EXCLUDED.day THEN refusal.count + 1 ELSE 1 END,
        day = EXCLUDED.day, last_at = EXCLUDED.last_at
RETURNING refusal.count
