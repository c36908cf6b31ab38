-- Runs whose worker let the lease expire wait for another one, at the place in the queue that they had; the state is
-- read under the lock, and rows that another sweeper looks at are left to it. Compensations stand in no queue: they are
-- looked at again after a while, until somebody has taken them.
WITH expired AS (
    SELECT id, lease_owner FROM runs_run
    WHERE lease_until < clock_timestamp() AND recoveries < %(most_recoveries)s
    ORDER BY lease_until LIMIT %(most)s FOR NO KEY UPDATE SKIP LOCKED
), recovered AS (
    UPDATE runs_run AS run
    SET state = CASE WHEN run.state = 'running' THEN 'ready' ELSE run.state END,
        wake_at = CASE WHEN run.state = 'compensating' THEN clock_timestamp() + make_interval(secs => %(again)s)
                       ELSE run.wake_at END,
        recoveries = run.recoveries + 1, lease_owner = '', lease_until = NULL, asking = ''
    FROM expired WHERE run.id = expired.id
    RETURNING run.id, run.pool, run.state, run.organisation_id, run.recoveries, run.lease_epoch, run.cursor,
              expired.lease_owner AS worker
)
SELECT id, pool, state,
       ledger_record(organisation_id, 'run.recovered', %(actor)s, %(actor_name)s, 'run', id, id,
                     convert_to(format('{"epoch":%%s,"node":%%s,"recoveries":%%s,"worker":%%s}',
                                       lease_epoch, to_json(cursor), recoveries, to_json(worker)), 'UTF8'))
FROM recovered
