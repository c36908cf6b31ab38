-- The run ends as failed between two steps, if this worker still holds it.
WITH stopped AS (
    UPDATE runs_run
    SET state = 'failed', error = %(error)s::jsonb, finished_at = clock_timestamp(), lease_owner = '', lease_until = NULL
    WHERE id = %(run)s AND lease_epoch = %(epoch)s AND state = 'running'
    RETURNING id, organisation_id
)
SELECT ledger_record(organisation_id, 'run.failed', %(actor)s, %(actor_name)s, 'run', id, id, %(details)s) FROM stopped
