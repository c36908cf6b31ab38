DROP TRIGGER refuse_change ON runs_discarded;
DROP TRIGGER refuse_truncate ON runs_discarded;

CREATE OR REPLACE FUNCTION runs_guard_run() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'runs are never deleted' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NOT runs_may_go(OLD.state, NEW.state) THEN
        RAISE EXCEPTION 'a run cannot go from % to %', OLD.state, NEW.state
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF OLD.state = 'succeeded'
       AND NOT EXISTS (SELECT FROM runs_run AS whole WHERE whole.id = OLD.parent_id AND whole.state = 'compensating') THEN
        RAISE EXCEPTION 'what succeeded is undone only with the run that it is a part of'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF (NEW.id, NEW.organisation_id, NEW.project_id, NEW.workflow_id, NEW.version_id, NEW.release_id,
        NEW.environment_id, NEW.closure_digest, NEW.approvals, NEW.reference, NEW.idempotency_key,
        NEW.request_digest, NEW.origin, NEW.started_by_id, NEW.started_by_name, NEW.created_at,
        NEW.parent_id, NEW.parent_position, NEW.first_item, NEW.end_item, NEW.source_id, NEW.source_position,
        NEW.overrides, NEW.priority, NEW.deadline_at)
       IS DISTINCT FROM
       (OLD.id, OLD.organisation_id, OLD.project_id, OLD.workflow_id, OLD.version_id, OLD.release_id,
        OLD.environment_id, OLD.closure_digest, OLD.approvals, OLD.reference, OLD.idempotency_key,
        OLD.request_digest, OLD.origin, OLD.started_by_id, OLD.started_by_name, OLD.created_at,
        OLD.parent_id, OLD.parent_position, OLD.first_item, OLD.end_item, OLD.source_id, OLD.source_position,
        OLD.overrides, OLD.priority, OLD.deadline_at) THEN
        RAISE EXCEPTION 'what a run was stamped with cannot be changed'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF OLD.memory_snapshot IS NOT NULL AND NEW.memory_snapshot IS DISTINCT FROM OLD.memory_snapshot THEN
        RAISE EXCEPTION 'a run reads one snapshot of memory' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
