-- Take the lease of a run that waits, or whose holder let the lease expire; no row when somebody else has it.
-- The run leaves the outbox, and the event is recorded, in the same commit.
WITH before AS (
    SELECT id, state FROM runs_run WHERE id = %(run)s FOR NO KEY UPDATE
), claimed AS (
    UPDATE runs_run AS run
    SET state = 'running',
        lease_owner = %(worker)s::text,
        lease_until = clock_timestamp() + make_interval(secs => %(lease)s),
        lease_epoch = run.lease_epoch + 1,
        recoveries = run.recoveries + CASE WHEN before.state = 'running' THEN 1 ELSE 0 END,
        started_at = coalesce(run.started_at, clock_timestamp())
    FROM before
    WHERE run.id = before.id
      AND (before.state = 'queued'
           OR (before.state = 'running' AND run.lease_until < clock_timestamp()
               AND run.recoveries < %(most_recoveries)s))
    RETURNING run.id, run.organisation_id, run.release_id, run.version_id, run.cursor, run.position, run.attempt,
              run.lease_epoch, run.recoveries, run.created_at, before.state AS before
), taken AS (
    DELETE FROM runs_outbox USING claimed WHERE runs_outbox.run_id = claimed.id
)
SELECT claimed.*,
       ledger_record(
           organisation_id, CASE before WHEN 'running' THEN 'run.recovered' ELSE 'run.claimed' END,
           %(actor)s, %(actor_name)s, 'run', id, id,
           convert_to(format('{"epoch":%%s,"worker":%%s}', lease_epoch, to_json(%(worker)s::text)), 'UTF8'))
FROM claimed
