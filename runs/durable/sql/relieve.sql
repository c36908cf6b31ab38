-- A call has ended: of the runs that wait for its place that one goes on which a worker would take first, by its priority
-- and by how long ago it became ready; it keeps its place in the queue. (When it would look by itself says nothing: the
-- longer it waits, the later.) A provider that is limited by the minute alone lets nobody go on sooner.
WITH next AS (
    SELECT run.id FROM runs_run AS run
    JOIN runs_limit ON runs_limit.id = %(limit)s AND runs_limit.at_once IS NOT NULL
         AND run.organisation_id = runs_limit.organisation_id
         AND (runs_limit.closed_until IS NULL OR runs_limit.closed_until <= clock_timestamp())
    WHERE run.wake_at IS NOT NULL AND run.state = 'waiting' AND run.waits_for = 'limit' AND run.asking = %(limit)s::text
    ORDER BY run.ready_at - make_interval(mins => run.priority), run.id LIMIT 1 FOR NO KEY UPDATE OF run SKIP LOCKED
)
UPDATE runs_run AS run SET state = 'ready', wake_at = clock_timestamp()
FROM next WHERE run.id = next.id
RETURNING run.id, run.pool
