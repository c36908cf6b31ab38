-- Webhooks: where they lead stays, a retired one never changes again, and what was delivered is never changed at all.
SELECT make_immutable('runs_webhook_delivery');
SELECT allow_changes('runs_webhook_secret', 'sealed', 'ends_at');
SELECT allow_changes('runs_webhook_refusal', 'day', 'count', 'last_at');
SELECT allow_changes('runs_webhook_pace', 'minute', 'count');

-- A webhook starts a workflow of its project in an environment of its organisation.
--   enabled <-> disabled; either -> retired, which is terminal
CREATE FUNCTION runs_guard_webhook() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'webhooks are never deleted' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF OLD.state = 'retired' THEN
            RAISE EXCEPTION 'a retired webhook does not change any more' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        IF (NEW.id, NEW.project_id, NEW.workflow_id, NEW.environment_id, NEW.name, NEW.address, NEW."into", NEW.created_at)
           IS DISTINCT FROM
           (OLD.id, OLD.project_id, OLD.workflow_id, OLD.environment_id, OLD.name, OLD.address, OLD."into", OLD.created_at) THEN
            RAISE EXCEPTION 'where a webhook leads stays' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
    ELSIF NEW.state <> 'enabled' OR NOT EXISTS (
        SELECT FROM catalog_asset workflow
        JOIN accounts_project project ON project.id = workflow.project_id
        JOIN releases_environment place ON place.organisation_id = project.organisation_id
        WHERE workflow.id = NEW.workflow_id AND workflow.kind = 'workflow' AND project.id = NEW.project_id
          AND place.id = NEW.environment_id
    ) THEN
        RAISE EXCEPTION 'a webhook starts a workflow of its project' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.state NOT IN ('enabled', 'disabled', 'retired') OR NOT EXISTS (
        SELECT FROM accounts_user starter WHERE starter.id = NEW.starter_id AND starter.kind = 'person'
          AND starter.name = NEW.starter_name
    ) THEN
        RAISE EXCEPTION 'a webhook starts runs in the name of a person' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_webhook BEFORE INSERT OR UPDATE OR DELETE ON runs_webhook
    FOR EACH ROW EXECUTE FUNCTION runs_guard_webhook();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON runs_webhook FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE runs_webhook ENABLE ALWAYS TRIGGER guard_webhook;
ALTER TABLE runs_webhook ENABLE ALWAYS TRIGGER refuse_truncate;

-- A delivery started a run of the webhook's workflow in its environment, while it was enabled.
CREATE FUNCTION runs_guard_delivery() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM runs_webhook webhook JOIN runs_run run ON run.project_id = webhook.project_id
        WHERE webhook.id = NEW.webhook_id AND webhook.state = 'enabled' AND run.id = NEW.run_id
          AND run.origin = 'webhook' AND run.workflow_id = webhook.workflow_id
          AND run.environment_id = webhook.environment_id AND run.started_by_id = webhook.starter_id
    ) THEN
        RAISE EXCEPTION 'this webhook did not start this run' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_delivery BEFORE INSERT ON runs_webhook_delivery
    FOR EACH ROW EXECUTE FUNCTION runs_guard_delivery();
ALTER TABLE runs_webhook_delivery ENABLE ALWAYS TRIGGER guard_delivery;

-- The ledger is read project by project: an event about a webhook belongs to the webhook's.
CREATE TRIGGER note_project_of_webhook BEFORE INSERT ON ledger_event FOR EACH ROW
    WHEN (NEW.project IS NULL AND NEW.object_type = 'webhook') EXECUTE FUNCTION ledger_note_project('runs_webhook');
ALTER TABLE ledger_event ENABLE ALWAYS TRIGGER note_project_of_webhook;
