-- Runs whose time has come: those that wait go on; compensations that nobody executes are looked at, and again after a
-- while until somebody does. Who waited for room became ready before: it keeps its place in the queue, or whoever comes
-- later would be executed, and ask, before it. Rows that another sweeper looks at are left to it.
WITH due AS (
    SELECT id FROM runs_run
    WHERE wake_at <= clock_timestamp() AND state IN ('waiting', 'compensating') AND lease_until IS NULL
    ORDER BY wake_at LIMIT %(most)s FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE runs_run AS run
SET state = CASE WHEN run.state = 'waiting' THEN 'ready' ELSE run.state END,
    ready_at = CASE WHEN run.state = 'waiting' AND run.waits_for = 'limit' THEN run.ready_at ELSE clock_timestamp() END,
    wake_at = CASE WHEN run.state = 'waiting' THEN run.wake_at ELSE clock_timestamp() + make_interval(secs => %(again)s) END
FROM due WHERE run.id = due.id
RETURNING run.id, run.pool, run.state
