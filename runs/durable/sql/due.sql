-- Runs that wait and are due to be announced again; each time the wait until the next announcement doubles, to ten
-- minutes at most. Rows of runs that no longer wait are dropped.
WITH due AS (
    SELECT outbox.id, outbox.run_id, outbox.created_at, run.state
    FROM runs_outbox AS outbox JOIN runs_run AS run ON run.id = outbox.run_id
    WHERE outbox.due_at < clock_timestamp()
    ORDER BY outbox.due_at LIMIT %(most)s FOR UPDATE OF outbox SKIP LOCKED
), dropped AS (
    DELETE FROM runs_outbox USING due WHERE runs_outbox.id = due.id AND due.state <> 'queued'
), later AS (
    UPDATE runs_outbox AS outbox
    SET due_at = clock_timestamp()
        + least(greatest(clock_timestamp() - due.created_at, make_interval(secs => %(again)s)), interval '10 minutes')
    FROM due WHERE outbox.id = due.id AND due.state = 'queued'
    RETURNING outbox.run_id
)
SELECT DISTINCT run_id FROM later
