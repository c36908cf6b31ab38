-- A run is told in order, and each part of it once: nothing is added to what has been told.
--
-- The two STABLE functions read what stood before the statement that inserts, not what the same statement has changed:
-- a checkpoint moves the run on, to its end perhaps, and inserts the step and its edges, in one statement.

-- A step is the attempt at which its run, running, stands.
CREATE FUNCTION runs_guard_step() RETURNS trigger LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM runs_run WHERE id = NEW.run_id AND state = 'running'
           AND cursor = NEW.node AND position = NEW.position AND attempt = NEW.attempt
    ) THEN
        RAISE EXCEPTION 'the run does not stand at this step' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_step BEFORE INSERT ON runs_step FOR EACH ROW EXECUTE FUNCTION runs_guard_step();
ALTER TABLE runs_step ENABLE ALWAYS TRIGGER guard_step;

-- What a step read and made is told in the statement that tells the step.
CREATE FUNCTION runs_guard_edge() RETURNS trigger LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM runs_step WHERE id = NEW.step_id) THEN
        RAISE EXCEPTION 'what this step read and made has been told' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_edge BEFORE INSERT ON runs_edge FOR EACH ROW EXECUTE FUNCTION runs_guard_edge();
ALTER TABLE runs_edge ENABLE ALWAYS TRIGGER guard_edge;

-- Inputs are given before the run's start is recorded, in the same transaction.
CREATE FUNCTION runs_guard_run_input() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM ledger_event WHERE run = NEW.run_id) THEN
        RAISE EXCEPTION 'this run has been started with its inputs' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_run_input BEFORE INSERT ON runs_run_input
    FOR EACH ROW EXECUTE FUNCTION runs_guard_run_input();
ALTER TABLE runs_run_input ENABLE ALWAYS TRIGGER guard_run_input;
