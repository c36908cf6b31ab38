-- A call has ended: of the runs that wait for its place that one goes on which a worker would take first, by its priority
-- and by how long ago it became ready; it keeps its place in the queue. (When it would look by itself says nothing: the
-- longer it waits, the later.) A provider that is limited by the minute alone lets nobody go on sooner.
-- The index `run_in_line` has them in this order, so that one is read, however many wait, and of a closed one none.
WITH next AS (
    SELECT run.id FROM runs_run AS run
    WHERE run.organisation_id = (SELECT organisation_id FROM runs_limit
                                 WHERE id = %(limit)s::uuid AND at_once IS NOT NULL
                                   AND (closed_until IS NULL OR closed_until <= clock_timestamp()))
      AND run.asking = %(limit)s::uuid::text AND run.state = 'waiting' AND run.waits_for = 'limit' AND run.wake_at IS NOT NULL
    ORDER BY (run.ready_at AT TIME ZONE 'UTC') - make_interval(mins => run.priority), run.id
    LIMIT 1 FOR NO KEY UPDATE OF run SKIP LOCKED
)
UPDATE runs_run AS run SET state = 'ready', wake_at = clock_timestamp()
FROM next WHERE run.id = next.id
RETURNING run.id, run.pool
