-- What a statement tells is looked at once, not row by row, and with it that what it names is there. Nothing that these
-- rows name ever goes: runs are never deleted, nor steps and artifacts ever changed, whoever asks. So what is there when it is
-- told is there for good, and a foreign key, which looks and locks for each row, would hold no more than this does.
--
-- The STABLE functions read what stood before the statement that inserts; the other one what stands after it.

-- A step is the attempt at which its run stands, or one of those after it that the same statement tells; an operator's
-- word on a step under review stands for it; a fork is told with the steps that it copies before its start is recorded.
CREATE OR REPLACE FUNCTION runs_guard_step() RETURNS trigger LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM told AS step
        WHERE (SELECT run.state IN ('running', 'compensating', 'needs_review')
                      AND (run.position < step.position
                           OR run.position = step.position AND run.cursor = step.node AND run.attempt = step.attempt)
                      OR run.state = 'queued' AND run.source_id IS NOT NULL AND step.position < run.source_position
                         AND NOT EXISTS (SELECT FROM ledger_event WHERE ledger_event.run = step.run_id)
               FROM runs_run AS run WHERE run.id = step.run_id) IS NOT TRUE
    ) THEN
        RAISE EXCEPTION 'the run does not stand at this step' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER guard_step ON runs_step;
CREATE TRIGGER guard_step AFTER INSERT ON runs_step REFERENCING NEW TABLE AS told
    FOR EACH STATEMENT EXECUTE FUNCTION runs_guard_step();
ALTER TABLE runs_step ENABLE ALWAYS TRIGGER guard_step;

-- What a step read and made is told in the statement that tells the step.
CREATE OR REPLACE FUNCTION runs_guard_edge() RETURNS trigger LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM told AS edge WHERE (SELECT true FROM runs_step WHERE runs_step.id = edge.step_id)) THEN
        RAISE EXCEPTION 'what this step read and made has been told' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER guard_edge ON runs_edge;
CREATE TRIGGER guard_edge AFTER INSERT ON runs_edge REFERENCING NEW TABLE AS told
    FOR EACH STATEMENT EXECUTE FUNCTION runs_guard_edge();
ALTER TABLE runs_edge ENABLE ALWAYS TRIGGER guard_edge;

CREATE FUNCTION runs_hold_edge() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM told AS edge
        WHERE (SELECT true FROM runs_step WHERE runs_step.id = edge.step_id) IS NOT TRUE
           OR (SELECT true FROM runs_artifact WHERE runs_artifact.id = edge.artifact_id) IS NOT TRUE
    ) THEN
        RAISE EXCEPTION 'there is no such step, or no such artifact' USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER hold_edge AFTER INSERT ON runs_edge REFERENCING NEW TABLE AS told
    FOR EACH STATEMENT EXECUTE FUNCTION runs_hold_edge();
ALTER TABLE runs_edge ENABLE ALWAYS TRIGGER hold_edge;
