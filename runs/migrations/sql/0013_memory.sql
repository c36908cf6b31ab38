-- What is remembered is never changed, and its versions follow one another without a gap: each is written by a step of a
-- run of its project, or is an earlier version of the same value once more.
SELECT make_immutable('runs_memory');

CREATE FUNCTION runs_guard_memory() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
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
CREATE TRIGGER guard_memory BEFORE INSERT ON runs_memory FOR EACH ROW EXECUTE FUNCTION runs_guard_memory();
ALTER TABLE runs_memory ENABLE ALWAYS TRIGGER guard_memory;
