-- A worker that is about to stop hands the run over: it waits again, without waiting for the lease to expire.
WITH given AS (
    UPDATE runs_run SET state = 'queued', lease_owner = '', lease_until = NULL
    WHERE id = %(run)s AND lease_epoch = %(epoch)s AND state = 'running'
    RETURNING id
)
INSERT INTO runs_outbox (run_id, created_at, due_at)
SELECT id, clock_timestamp(), clock_timestamp() + make_interval(secs => %(again)s) FROM given
RETURNING run_id
