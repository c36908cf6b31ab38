-- Runs that took down worker after worker are stopped, so that the others can go on.
WITH poisonous AS (
    SELECT id FROM runs_run
    WHERE state = 'running' AND lease_until < clock_timestamp() AND recoveries >= %(most_recoveries)s
    ORDER BY lease_until LIMIT %(most)s FOR NO KEY UPDATE SKIP LOCKED
), stopped AS (
    UPDATE runs_run AS run
    SET state = 'failed', lease_owner = '', lease_until = NULL, finished_at = clock_timestamp(),
        error = %(error)s::jsonb || jsonb_build_object('node', run.cursor)
    FROM poisonous WHERE run.id = poisonous.id
    RETURNING run.id, run.organisation_id
)
SELECT id, ledger_record(organisation_id, 'run.failed', %(actor)s, %(actor_name)s, 'run', id, id, %(details)s)
FROM stopped
