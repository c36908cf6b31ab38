DROP TRIGGER keep_recalls ON runs_run;

CREATE OR REPLACE FUNCTION runs_guard_memory() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.number <> coalesce((SELECT max(number) FROM runs_memory WHERE project_id = NEW.project_id
                               AND namespace = NEW.namespace AND key = NEW.key), 0) + 1 THEN
        RAISE EXCEPTION 'this is not the next version' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NOT EXISTS (SELECT FROM runs_step step JOIN runs_run run ON run.id = step.run_id
                   WHERE step.id = NEW.step_id AND run.project_id = NEW.project_id AND step.state = 'succeeded')
       AND NOT EXISTS (SELECT FROM runs_memory earlier
                       WHERE earlier.id = NEW.restores_id AND earlier.project_id = NEW.project_id
                         AND earlier.namespace = NEW.namespace AND earlier.key = NEW.key
                         AND earlier.artifact_id = NEW.artifact_id) THEN
        RAISE EXCEPTION 'no step and no earlier version says this' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
