-- A step is the attempt at which its run stands, or one of those after it that the same statement tells; an operator's
-- word on a step under review stands for it; a fork is told with the steps that it copies before its start is recorded, and
-- a run that ended elsewhere with all of its steps before its import is.
CREATE OR REPLACE FUNCTION runs_guard_step() RETURNS trigger LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM told AS step
        WHERE (SELECT run.state IN ('running', 'compensating', 'needs_review')
                      AND (run.position < step.position
                           OR run.position = step.position AND run.cursor = step.node AND run.attempt = step.attempt)
                      OR run.state = 'queued' AND run.source_id IS NOT NULL AND step.position < run.source_position
                         AND NOT EXISTS (SELECT FROM ledger_event WHERE ledger_event.run = step.run_id)
                      OR run.origin = 'import' AND NOT EXISTS (SELECT FROM ledger_event WHERE ledger_event.run = step.run_id)
               FROM runs_run AS run WHERE run.id = step.run_id) IS NOT TRUE
    ) THEN
        RAISE EXCEPTION 'the run does not stand at this step' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;

-- What a step read and made is told in the statement that tells the step, or before the import of its run is.
CREATE OR REPLACE FUNCTION runs_guard_edge() RETURNS trigger LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM told AS edge
        WHERE (SELECT run.origin <> 'import' OR EXISTS (SELECT FROM ledger_event WHERE ledger_event.run = run.id)
               FROM runs_step AS step JOIN runs_run AS run ON run.id = step.run_id WHERE step.id = edge.step_id)
    ) THEN
        RAISE EXCEPTION 'what this step read and made has been told' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
