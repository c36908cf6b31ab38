-- In how many seconds a schedule is due, at once (0) when a firing waits for a run that has ended; nothing when none is.
SELECT CASE WHEN EXISTS (SELECT FROM runs_schedule WHERE queued_for IS NOT NULL
                         AND NOT EXISTS (SELECT FROM runs_run WHERE runs_run.id = last_run_id
                                         AND state = ANY (%(standing)s::text[]))) THEN 0
            ELSE extract(epoch FROM min(next_at) - clock_timestamp()) END::float8 AS seconds
FROM runs_schedule WHERE next_at IS NOT NULL
