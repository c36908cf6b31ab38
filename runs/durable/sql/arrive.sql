-- A worker that arrives may be capable of what none was: runs that wait for one are looked at again now.
WITH aside AS (
    SELECT id FROM runs_run
    WHERE wake_at > clock_timestamp() AND waits_for = 'worker' AND state IN ('waiting', 'compensating')
    ORDER BY id DESC FOR NO KEY UPDATE
)
UPDATE runs_run AS run SET wake_at = clock_timestamp() FROM aside WHERE run.id = aside.id
RETURNING run.id
