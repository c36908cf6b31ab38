CREATE FUNCTION ledger_note_project() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    EXECUTE format('SELECT project_id FROM %I WHERE id = $1', TG_ARGV[0]) INTO NEW.project USING NEW.object_id;
    RETURN NEW;
END $$;
CREATE TRIGGER note_project_of_schedule BEFORE INSERT ON ledger_event FOR EACH ROW
    WHEN (NEW.project IS NULL AND NEW.object_type = 'schedule') EXECUTE FUNCTION ledger_note_project('runs_schedule');
ALTER TABLE ledger_event ENABLE ALWAYS TRIGGER note_project_of_schedule;
CREATE TRIGGER note_project_of_webhook BEFORE INSERT ON ledger_event FOR EACH ROW
    WHEN (NEW.project IS NULL AND NEW.object_type = 'webhook') EXECUTE FUNCTION ledger_note_project('runs_webhook');
ALTER TABLE ledger_event ENABLE ALWAYS TRIGGER note_project_of_webhook;
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
    END IF;
    RETURN NULL;
END $$;
