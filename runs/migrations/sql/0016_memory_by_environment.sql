-- What is remembered belongs to an environment: each version to that of the run whose step wrote it, one that somebody
-- went back to, to that of the version it restores.
ALTER TABLE runs_memory DISABLE TRIGGER refuse_change;
WITH RECURSIVE placed AS (
    SELECT memory.id, run.environment_id FROM runs_memory memory
    JOIN runs_step step ON step.id = memory.step_id JOIN runs_run run ON run.id = step.run_id
    UNION ALL
    SELECT memory.id, placed.environment_id FROM runs_memory memory JOIN placed ON memory.restores_id = placed.id
)
UPDATE runs_memory SET environment_id = placed.environment_id FROM placed WHERE placed.id = runs_memory.id;
ALTER TABLE runs_memory ENABLE ALWAYS TRIGGER refuse_change;

-- A run's moment counted the entries of the project: now it is the last of its environment's that were there then.
ALTER TABLE runs_run DISABLE TRIGGER guard_run;
UPDATE runs_run AS run
SET memory_snapshot = coalesce((SELECT max(entry.sequence) FROM runs_memory AS entry
                                WHERE entry.project_id = run.project_id AND entry.environment_id = run.environment_id
                                  AND entry.sequence <= run.memory_snapshot), 0)
WHERE memory_snapshot IS NOT NULL;
ALTER TABLE runs_run ENABLE ALWAYS TRIGGER guard_run;

CREATE OR REPLACE FUNCTION runs_guard_memory() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.number <> coalesce((SELECT max(number) FROM runs_memory
                               WHERE project_id = NEW.project_id AND environment_id = NEW.environment_id
                                 AND namespace = NEW.namespace AND key = NEW.key), 0) + 1 THEN
        RAISE EXCEPTION 'this is not the next version' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NOT EXISTS (SELECT FROM runs_step step JOIN runs_run run ON run.id = step.run_id
                   WHERE step.id = NEW.step_id AND step.state = 'succeeded' AND run.project_id = NEW.project_id
                     AND run.environment_id = NEW.environment_id AND run.recalls_from_id IS NULL)
       AND NOT EXISTS (SELECT FROM runs_memory earlier
                       WHERE earlier.id = NEW.restores_id AND earlier.project_id = NEW.project_id
                         AND earlier.environment_id = NEW.environment_id
                         AND earlier.namespace = NEW.namespace AND earlier.key = NEW.key
                         AND earlier.artifact_id = NEW.artifact_id) THEN
        RAISE EXCEPTION 'no step and no earlier version says this' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

-- Whose memory a run reads is settled when it is made.
CREATE TRIGGER keep_recalls BEFORE UPDATE OF recalls_from_id ON runs_run
    FOR EACH ROW WHEN (OLD.recalls_from_id IS DISTINCT FROM NEW.recalls_from_id) EXECUTE FUNCTION refuse_change();
ALTER TABLE runs_run ENABLE ALWAYS TRIGGER keep_recalls;
