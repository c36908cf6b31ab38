DROP FUNCTION runs_wake(uuid[]);
ALTER TABLE runs_run RESET (fillfactor);
DROP TRIGGER refuse_change ON runs_begun; DROP TRIGGER refuse_truncate ON runs_begun;

CREATE OR REPLACE FUNCTION runs_guard_step() RETURNS trigger LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM runs_run WHERE id = NEW.run_id AND state = 'running'
           AND cursor = NEW.node AND position = NEW.position AND attempt = NEW.attempt
    ) THEN
        RAISE EXCEPTION 'the run does not stand at this step' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION runs_guard_run() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'runs are never deleted' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NOT (OLD.state, NEW.state) IN (
        ('queued', 'queued'), ('queued', 'running'), ('queued', 'cancelled'),
        ('running', 'running'), ('running', 'queued'), ('running', 'succeeded'), ('running', 'failed'),
        ('running', 'cancelled'), ('failed', 'queued'), ('failed', 'cancelled')
    ) THEN
        RAISE EXCEPTION 'a run cannot go from % to %', OLD.state, NEW.state
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF (NEW.id, NEW.organisation_id, NEW.project_id, NEW.workflow_id, NEW.version_id, NEW.release_id,
        NEW.environment_id, NEW.closure_digest, NEW.approvals, NEW.reference, NEW.idempotency_key,
        NEW.request_digest, NEW.origin, NEW.started_by_id, NEW.started_by_name, NEW.created_at)
       IS DISTINCT FROM
       (OLD.id, OLD.organisation_id, OLD.project_id, OLD.workflow_id, OLD.version_id, OLD.release_id,
        OLD.environment_id, OLD.closure_digest, OLD.approvals, OLD.reference, OLD.idempotency_key,
        OLD.request_digest, OLD.origin, OLD.started_by_id, OLD.started_by_name, OLD.created_at) THEN
        RAISE EXCEPTION 'what a run was stamped with cannot be changed'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
DROP FUNCTION runs_may_go(text, text);
