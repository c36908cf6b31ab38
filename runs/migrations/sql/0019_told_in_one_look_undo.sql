DROP TRIGGER hold_edge ON runs_edge; DROP FUNCTION runs_hold_edge();
DROP TRIGGER guard_edge ON runs_edge; DROP TRIGGER guard_step ON runs_step;
CREATE OR REPLACE FUNCTION runs_guard_step() RETURNS trigger LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM runs_run WHERE id = NEW.run_id
           AND (state IN ('running', 'compensating', 'needs_review')
                AND (position < NEW.position
                     OR (position = NEW.position AND cursor = NEW.node AND attempt = NEW.attempt))
                OR state = 'queued' AND source_id IS NOT NULL AND NEW.position < source_position
                   AND NOT EXISTS (SELECT FROM ledger_event WHERE ledger_event.run = NEW.run_id))
    ) THEN
        RAISE EXCEPTION 'the run does not stand at this step' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_step BEFORE INSERT ON runs_step FOR EACH ROW EXECUTE FUNCTION runs_guard_step();
ALTER TABLE runs_step ENABLE ALWAYS TRIGGER guard_step;
CREATE OR REPLACE FUNCTION runs_guard_edge() RETURNS trigger LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM runs_step WHERE id = NEW.step_id) THEN
        RAISE EXCEPTION 'what this step read and made has been told' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_edge BEFORE INSERT ON runs_edge FOR EACH ROW EXECUTE FUNCTION runs_guard_edge();
ALTER TABLE runs_edge ENABLE ALWAYS TRIGGER guard_edge;
