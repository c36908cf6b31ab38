-- From now on the run reads memory as it is now, whatever is written later. No row: the worker lost the run.
UPDATE runs_run AS run
SET memory_snapshot = coalesce((SELECT max(sequence) FROM runs_memory AS entry
                                WHERE entry.project_id = run.project_id
                                  AND entry.environment_id = coalesce(run.recalls_from_id, run.environment_id)), 0)
WHERE id = %(run)s AND lease_epoch = %(epoch)s AND lease_until IS NOT NULL
RETURNING memory_snapshot
