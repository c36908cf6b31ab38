-- How long contents are kept, what holds them longer, and how their bytes go: everything else about them stays.

SELECT make_immutable('runs_retention_rule');
SELECT make_immutable('runs_hold');
SELECT make_immutable('runs_lift_asked');
SELECT make_immutable('runs_hold_lift');
SELECT make_immutable('runs_erasure');
SELECT ledger_govern('runs_retention_rule', 'organisation', 'organisation_id');
SELECT ledger_govern('runs_hold', 'organisation', 'organisation_id');
SELECT ledger_govern('runs_lift_asked', 'organisation', 'organisation_id');
SELECT ledger_govern('runs_hold_lift', 'organisation', 'organisation_id');
INSERT INTO runs_retention_walk (id, after) VALUES (1, '00000000-0000-0000-0000-000000000000');

-- Whoever places a hold waits for a removal that is under way, and no removal begins before the hold stands.
CREATE FUNCTION runs_holds_key(organisation uuid) RETURNS bigint LANGUAGE sql IMMUTABLE SET search_path = public, pg_temp AS $$
    SELECT hashtextextended('countersign holds ' || organisation, 0)
$$;

CREATE FUNCTION runs_guard_hold() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(runs_holds_key(NEW.organisation_id));
    IF NEW.project_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM accounts_project WHERE id = NEW.project_id AND organisation_id = NEW.organisation_id) THEN
        RAISE EXCEPTION 'the project belongs to another organisation' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_hold BEFORE INSERT ON runs_hold FOR EACH ROW EXECUTE FUNCTION runs_guard_hold();
ALTER TABLE runs_hold ENABLE ALWAYS TRIGGER guard_hold;

CREATE FUNCTION runs_guard_lift() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    asked runs_lift_asked;
BEGIN
    SELECT * INTO asked FROM runs_lift_asked WHERE id = NEW.asked_id;
    IF asked.hold_id IS DISTINCT FROM NEW.hold_id OR asked.organisation_id IS DISTINCT FROM NEW.organisation_id THEN
        RAISE EXCEPTION 'this was asked of another hold' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF asked.by_id = NEW.by_id THEN
        RAISE EXCEPTION 'a second person lifts a hold' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF asked.at < now() - interval '14 days' THEN
        RAISE EXCEPTION 'this was asked too long ago' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_lift BEFORE INSERT ON runs_hold_lift FOR EACH ROW EXECUTE FUNCTION runs_guard_lift();
ALTER TABLE runs_hold_lift ENABLE ALWAYS TRIGGER guard_lift;

-- Whether a hold stands that is about the run, or about what the run is a part of.
CREATE FUNCTION runs_run_held(of_run uuid) RETURNS boolean LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    WITH RECURSIVE line AS (
        SELECT run.* FROM runs_run AS run WHERE run.id = of_run
        UNION ALL
        SELECT whole.* FROM line JOIN runs_run AS whole ON whole.id = line.parent_id
    )
    SELECT EXISTS (
        SELECT FROM line JOIN runs_hold AS hold ON hold.organisation_id = line.organisation_id
        WHERE coalesce(hold.project_id, line.project_id) = line.project_id
          AND CASE hold.scope
                  WHEN 'run' THEN hold.key = line.id::text
                  WHEN 'reference' THEN hold.key = line.reference
                  WHEN 'workflow' THEN hold.key = line.workflow_id::text
                  WHEN 'project' THEN hold.key = line.project_id::text
                  ELSE hold.since <= (coalesce(line.finished_at, clock_timestamp()) AT TIME ZONE 'UTC')::date
                       AND hold.until >= (least(line.created_at, line.started_at) AT TIME ZONE 'UTC')::date
              END
          AND NOT EXISTS (SELECT FROM runs_hold_lift AS lift WHERE lift.hold_id = hold.id))
$$;

-- Every use of a content's bytes, however they are read: by which run, as of which class where somebody declared one, and
-- the version in memory.
CREATE FUNCTION runs_content_uses(content uuid) RETURNS TABLE (run uuid, declared text, entry uuid)
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    WITH copies AS MATERIALIZED (
        SELECT copy.id FROM runs_artifact AS own
        JOIN runs_artifact AS copy ON copy.sha256 = own.sha256 AND copy.organisation_id = own.organisation_id
        WHERE own.id = content
    )
    SELECT given.run_id, given.classification, NULL::uuid
    FROM copies JOIN runs_run_input AS given ON given.artifact_id = copies.id
    UNION ALL
    SELECT step.run_id, step.classification, NULL FROM copies JOIN runs_step AS step ON step.output_id = copies.id
    UNION ALL
    SELECT step.run_id, NULL, NULL
    FROM copies JOIN runs_edge AS edge ON edge.artifact_id = copies.id JOIN runs_step AS step ON step.id = edge.step_id
    UNION ALL
    SELECT task.run_id, NULL, NULL FROM copies JOIN runs_task AS task ON task.edited_id = copies.id
    UNION ALL
    SELECT sent.run_id, NULL, NULL FROM copies JOIN runs_signal AS sent ON sent.payload_id = copies.id
    UNION ALL
    SELECT step.run_id, kept.classification, kept.id
    FROM copies JOIN runs_memory AS kept ON kept.artifact_id = copies.id LEFT JOIN runs_step AS step ON step.id = kept.step_id
$$;

CREATE FUNCTION runs_class_rank(classification text) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
    SELECT array_position(ARRAY['public', 'internal', 'confidential', 'personal'], classification)
$$;

-- A content is as protected as what it was declared to be, wherever that was most. What was sent to a model or came back
-- refused is as protected as its step and what that read; what nobody declared counts as personal.
CREATE FUNCTION runs_content_class(content uuid) RETURNS text LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT (ARRAY['public', 'internal', 'confidential', 'personal'])[coalesce(greatest(
        (SELECT max(runs_class_rank(used.declared)) FROM runs_content_uses(content) AS used),
        (SELECT max(greatest(runs_class_rank(step.classification), (
                    SELECT max(coalesce((SELECT max(runs_class_rank(used.declared))
                                         FROM runs_content_uses(taken.artifact_id) AS used), 4))
                    FROM runs_edge AS taken WHERE taken.step_id = step.id AND taken.role = 'input')))
         FROM runs_edge AS edge JOIN runs_step AS step ON step.id = edge.step_id
         WHERE edge.artifact_id = content AND edge.role IN ('prompt', 'answer'))),
        4)]
$$;

-- Why a content is kept, empty when its time is over: no rule is for its class, a run or a version in memory needs it, or a
-- hold stands. Asked anew at the moment of each change, after whoever places a hold has had their turn.
CREATE FUNCTION runs_content_kept(content uuid) RETURNS text LANGUAGE plpgsql COST 10000 SET search_path = public, pg_temp AS $$
DECLARE
    owner uuid := (SELECT organisation_id FROM runs_artifact WHERE id = content);
    kept_days integer;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(runs_holds_key(owner));
    SELECT days INTO kept_days FROM runs_retention_rule
    WHERE organisation_id = owner AND classification = runs_content_class(content) ORDER BY at DESC, id DESC LIMIT 1;
    IF kept_days IS NULL THEN
        RETURN 'unruled';
    END IF;
    IF NOT EXISTS (SELECT FROM runs_content_uses(content))
       OR EXISTS (SELECT FROM runs_content_uses(content) AS used JOIN runs_run AS run ON run.id = used.run
                  WHERE run.finished_at IS NULL OR run.finished_at > now() - make_interval(days => kept_days)) THEN
        RETURN 'used';
    END IF;
    IF EXISTS (SELECT FROM runs_content_uses(content) AS used JOIN runs_memory AS kept ON kept.id = used.entry
               LEFT JOIN runs_memory AS next
                   ON (next.project_id, next.environment_id, next.namespace, next.key, next.number)
                      = (kept.project_id, kept.environment_id, kept.namespace, kept.key, kept.number + 1)
               WHERE next.id IS NULL OR next.at > now() - make_interval(days => kept_days)) THEN
        RETURN 'remembered';
    END IF;
    IF EXISTS (SELECT FROM runs_content_uses(content) AS used WHERE runs_run_held(used.run)) THEN
        RETURN 'held';
    END IF;
    RETURN '';
END $$;

-- A content never changes but in four ways: its removal is announced, or called off; its bytes go, when the announced time
-- has come and nothing keeps it; and the very same bytes come back, when somebody uses them again.
CREATE FUNCTION runs_guard_artifact() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    loose CONSTANT text[] := ARRAY['body', 'place', 'pruned_by_id', 'pruned_at'];
    listed record;
BEGIN
    IF TG_OP = 'DELETE' OR to_jsonb(NEW) - loose <> to_jsonb(OLD) - loose THEN
        RAISE EXCEPTION 'rows of % are only ever inserted', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.pruned_by_id IS NULL AND NEW.pruned_at IS NULL AND OLD.pruned_by_id IS NOT NULL THEN
        IF OLD.pruned_at IS NULL AND (NEW.body, NEW.place) IS NOT DISTINCT FROM (OLD.body, OLD.place)
           OR OLD.pruned_at IS NOT NULL AND (
               encode(sha256(NEW.body), 'hex') = OLD.sha256 AND NEW.place = ''
               OR NEW.body IS NULL
                  AND NEW.place = format('%s/%s/%s', OLD.organisation_id, left(OLD.sha256, 2), OLD.sha256)) THEN
            RETURN NEW;
        END IF;
    ELSIF OLD.pruned_at IS NULL AND NEW.pruned_by_id IS NOT NULL THEN
        SELECT erasure.removes_from INTO listed
        FROM runs_erasure AS erasure JOIN runs_erasure_content AS content ON content.erasure_id = erasure.id
        WHERE content.id = NEW.pruned_by_id AND content.artifact_id = OLD.id AND content.outcome = ''
          AND erasure.organisation_id = OLD.organisation_id;
        IF FOUND AND runs_content_kept(OLD.id) = '' AND (
               OLD.pruned_by_id IS NULL AND NEW.pruned_at IS NULL
               AND (NEW.body, NEW.place) IS NOT DISTINCT FROM (OLD.body, OLD.place)
               OR OLD.pruned_by_id = NEW.pruned_by_id AND NEW.pruned_at IS NOT NULL
                  AND NEW.body IS NULL AND NEW.place = '' AND listed.removes_from <= clock_timestamp()) THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'rows of % are only ever inserted: nothing allows this change of a content', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE OR REPLACE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON runs_artifact
    FOR EACH ROW EXECUTE FUNCTION runs_guard_artifact();
ALTER TABLE runs_artifact ENABLE ALWAYS TRIGGER refuse_change;

-- What was announced of a content is settled once: it was removed, or kept. Then its file goes.
CREATE FUNCTION runs_guard_erasure_content() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    loose CONSTANT text[] := ARRAY['outcome', 'why', 'settled_at', 'place'];
    content runs_artifact;
BEGIN
    IF TG_OP = 'DELETE' OR to_jsonb(NEW) - loose <> to_jsonb(OLD) - loose
       OR NEW.place <> OLD.place AND NOT (NEW.place = '' AND OLD.outcome = 'removed') THEN
        RAISE EXCEPTION 'what was announced of a content stays' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF (NEW.outcome, NEW.why, NEW.settled_at) IS NOT DISTINCT FROM (OLD.outcome, OLD.why, OLD.settled_at) THEN
        RETURN NEW;
    END IF;
    SELECT * INTO content FROM runs_artifact WHERE id = OLD.artifact_id;
    IF OLD.outcome <> '' OR NEW.settled_at IS NULL
       OR NEW.outcome = 'removed' AND (content.pruned_by_id IS DISTINCT FROM OLD.id OR content.pruned_at IS NULL)
       OR NEW.outcome = 'kept' AND content.pruned_by_id = OLD.id THEN
        RAISE EXCEPTION 'this is not what became of the content' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_erasure_content BEFORE UPDATE OR DELETE ON runs_erasure_content
    FOR EACH ROW EXECUTE FUNCTION runs_guard_erasure_content();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON runs_erasure_content FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE runs_erasure_content ENABLE ALWAYS TRIGGER guard_erasure_content;
ALTER TABLE runs_erasure_content ENABLE ALWAYS TRIGGER refuse_truncate;

-- The ledger's door finds the project of a hold, too.
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
    ELSIF object_type = 'hold' THEN
        RETURN (SELECT project_id FROM runs_hold WHERE id = object_id);
    END IF;
    RETURN NULL;
END $$;
