-- A content that was removed cannot come back by this.
DO $$ BEGIN
    IF EXISTS (SELECT FROM runs_artifact WHERE pruned_at IS NOT NULL) THEN
        RAISE EXCEPTION 'contents were removed: this cannot be taken back';
    END IF;
END $$;
CREATE OR REPLACE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON runs_artifact FOR EACH ROW EXECUTE FUNCTION refuse_change();
ALTER TABLE runs_artifact ENABLE ALWAYS TRIGGER refuse_change;
DROP FUNCTION runs_guard_artifact();
DROP FUNCTION runs_guard_erasure_content() CASCADE;
DROP FUNCTION runs_content_kept(uuid);
DROP FUNCTION runs_content_class(uuid);
DROP FUNCTION runs_class_rank(text);
DROP FUNCTION runs_content_uses(uuid);
DROP FUNCTION runs_run_held(uuid);
DROP FUNCTION runs_guard_lift() CASCADE;
DROP FUNCTION runs_guard_hold() CASCADE;
DROP FUNCTION runs_holds_key(uuid);
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
