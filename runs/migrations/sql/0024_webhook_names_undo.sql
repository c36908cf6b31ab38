CREATE OR REPLACE FUNCTION runs_guard_webhook() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
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
