-- Runs that took down worker after worker are stopped, so that the others can go on; a compensation that does has failed.
WITH poisonous AS (
    SELECT id FROM runs_run
    WHERE lease_until < clock_timestamp() AND recoveries >= %(most_recoveries)s
    ORDER BY lease_until LIMIT %(most)s FOR NO KEY UPDATE SKIP LOCKED
), stopped AS (
    UPDATE runs_run AS run
    SET state = CASE WHEN run.state = 'running' THEN 'quarantined' ELSE 'compensation_failed' END,
        lease_owner = '', lease_until = NULL, wake_at = NULL, finished_at = clock_timestamp(), asked = '', asking = '',
        error = %(error)s::jsonb || jsonb_build_object('node', run.cursor)
    FROM poisonous WHERE run.id = poisonous.id
    RETURNING run.id, run.state, run.organisation_id, run.parent_id
)
SELECT id, organisation_id, ledger_record(organisation_id, 'run.' || state, %(actor)s, %(actor_name)s, 'run', id, id, %(details)s),
       CASE WHEN parent_id IS NOT NULL THEN runs_part_ended(parent_id) END
FROM stopped
