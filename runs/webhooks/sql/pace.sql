-- Count one more request of a slot in this minute, by PostgreSQL's clock; another minute begins anew.
WITH clock AS (SELECT extract(epoch FROM clock_timestamp()) AS seconds)
INSERT INTO runs_webhook_pace AS pace (slot, minute, count)
SELECT %(slot)s, (seconds / 60)::bigint, 1 FROM clock
ON CONFLICT (slot) DO UPDATE
    SET count = CASE WHEN pace.minute = EXCLUDED.minute THEN pace.count + 1 ELSE 1 END, minute = EXCLUDED.minute
RETURNING pace.count AS count, 60 - (SELECT seconds %% 60 FROM clock)::integer AS seconds_left
