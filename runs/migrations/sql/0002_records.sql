-- What keeps the records of runs true, whoever writes to the tables.

SELECT make_immutable('runs_artifact');
SELECT make_immutable('runs_run_input');
SELECT make_immutable('runs_step');
SELECT make_immutable('runs_edge');

-- The states of a run and the ways between them:
--   queued    -> running (claimed), cancelled
--   running   -> running (checkpoint), queued (lease given back or expired), succeeded, failed, cancelled
--   failed    -> queued (resumed by an operator), cancelled
--   succeeded, cancelled: terminal, nothing about them changes again
CREATE FUNCTION runs_guard_run() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE TRIGGER guard_run BEFORE UPDATE OR DELETE ON runs_run FOR EACH ROW EXECUTE FUNCTION runs_guard_run();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON runs_run FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE runs_run ENABLE ALWAYS TRIGGER guard_run;
ALTER TABLE runs_run ENABLE ALWAYS TRIGGER refuse_truncate;
