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
    END IF;
    RETURN NULL;
END $$;
DROP FUNCTION runs_guard_recall() CASCADE;
DROP FUNCTION runs_guard_recall_case() CASCADE;
DROP FUNCTION runs_guard_recall_note() CASCADE;
DROP TRIGGER refuse_truncate ON runs_recall;
