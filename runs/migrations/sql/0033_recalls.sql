-- What a recall is about never changes, what it found is added to while it is being collected, and what people noted on a
-- case stays. When it is closed, nothing is added any more.
SELECT make_immutable('runs_recall_case');
SELECT make_immutable('runs_recall_note');

CREATE FUNCTION runs_guard_recall() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    collecting CONSTANT text[] := ARRAY['state', 'direct_done', 'after', 'expanded', 'found', 'truncated', 'advanced_at'];
    closing CONSTANT text[] := ARRAY['state', 'conclusion', 'closed_by_name', 'closed_at'];
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'recalls are never deleted' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NOT (OLD.state = 'building' AND NEW.state IN ('building', 'open')
                AND to_jsonb(NEW) - collecting = to_jsonb(OLD) - collecting
                AND NEW.found >= OLD.found AND NEW.expanded >= OLD.expanded
            OR OLD.state = 'open' AND NEW.state = 'closed' AND to_jsonb(NEW) - closing = to_jsonb(OLD) - closing) THEN
        RAISE EXCEPTION 'a recall does not change like this' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_recall BEFORE UPDATE OR DELETE ON runs_recall FOR EACH ROW EXECUTE FUNCTION runs_guard_recall();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON runs_recall FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE runs_recall ENABLE ALWAYS TRIGGER guard_recall;
ALTER TABLE runs_recall ENABLE ALWAYS TRIGGER refuse_truncate;

CREATE FUNCTION runs_guard_recall_case() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM runs_recall AS recall
                   JOIN runs_step AS step ON step.id = NEW.step_id
                   JOIN runs_run AS run ON run.id = step.run_id AND run.project_id = recall.project_id
                   WHERE recall.id = NEW.recall_id AND recall.state = 'building') THEN
        RAISE EXCEPTION 'the recall is not being collected, or the step is of another project'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_recall_case BEFORE INSERT ON runs_recall_case
    FOR EACH ROW EXECUTE FUNCTION runs_guard_recall_case();
ALTER TABLE runs_recall_case ENABLE ALWAYS TRIGGER guard_recall_case;

CREATE FUNCTION runs_guard_recall_note() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM runs_recall_case AS noted JOIN runs_recall AS recall ON recall.id = noted.recall_id
                   WHERE noted.id = NEW.case_id AND recall.state <> 'closed') THEN
        RAISE EXCEPTION 'the recall is closed' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_recall_note BEFORE INSERT ON runs_recall_note
    FOR EACH ROW EXECUTE FUNCTION runs_guard_recall_note();
ALTER TABLE runs_recall_note ENABLE ALWAYS TRIGGER guard_recall_note;

-- The ledger's door finds the project of a recall, too.
CREATE OR REPLACE FUNCTION ledger_place(object_type text, object_id uuid) RETURNS uuid
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF object_type = 'project' THEN
        RETURN object_id;
    ELSIF object_type IN ('prompt', 'model', 'workflow') THEN
        RETURN (SELECT project_id FROM catalog_asset WHERE id = object_id);
    ELSIF object_type = 'version' THEN
        RETURN (SELECT a.project_id FROM catalog_version v JOIN catalog_asset a ON a.id = v.asset_id WHERE v.id = object_id);
    ELSIF object_type = 'release' THEN
        RETURN (SELECT project_id FROM releases_release WHERE id = object_id);
    ELSIF object_type = 'approval' THEN
        RETURN (SELECT project_id FROM approvals_request WHERE id = object_id);
    ELSIF object_type = 'schedule' THEN
        RETURN (SELECT project_id FROM runs_schedule WHERE id = object_id);
    ELSIF object_type = 'webhook' THEN
        RETURN (SELECT project_id FROM runs_webhook WHERE id = object_id);
    ELSIF object_type = 'memory' THEN
        RETURN (SELECT project_id FROM runs_memory WHERE id = object_id);
    ELSIF object_type = 'recall' THEN
        RETURN (SELECT project_id FROM runs_recall WHERE id = object_id);
    END IF;
    RETURN NULL;
END $$;
