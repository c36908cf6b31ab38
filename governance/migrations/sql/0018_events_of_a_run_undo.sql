DROP FUNCTION ledger_record_run(uuid, uuid, text, uuid, text[], text[], uuid[], text[]);
CREATE OR REPLACE FUNCTION ledger_record(
    organisation uuid, kind text, actor uuid, actor_name text,
    object_type text, object_id uuid, run uuid, details bytea
) RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    moment timestamptz := clock_timestamp();
    event_id uuid := ledger_uuid7(moment);
    body bytea;
    place uuid;
BEGIN
    IF (octet_length(details) <= 30000) IS NOT TRUE THEN
        RAISE EXCEPTION 'the details of an event take at most 30,000 bytes' USING ERRCODE = 'check_violation';
    END IF;
    IF jsonb_typeof(convert_from(details, 'UTF8')::jsonb) <> 'object' THEN
        RAISE EXCEPTION 'the details of an event are a JSON object' USING ERRCODE = 'check_violation';
    END IF;
    IF (kind ~ '^[a-z_]+\.[a-z_]+$') IS NOT TRUE THEN
        RAISE EXCEPTION 'this is no kind of event' USING ERRCODE = 'check_violation';
    END IF;
    IF NOT EXISTS (SELECT FROM accounts_user WHERE accounts_user.id = ledger_record.actor) THEN
        RAISE EXCEPTION 'nobody has the account of this actor' USING ERRCODE = 'check_violation';
    END IF;
    body := convert_to(
        '{"actor":"' || actor || '","actor_name":' || to_json(actor_name)::text
        || ',"at":"' || to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '","details":', 'UTF8')
        || details
        || convert_to(
        ',"id":"' || event_id || '","kind":' || to_json(kind)::text
        || ',"object_id":"' || object_id || '","object_type":' || to_json(object_type)::text
        || ',"organisation":' || coalesce('"' || organisation || '"', 'null')
        || ',"run":' || coalesce('"' || run || '"', 'null') || '}', 'UTF8');
    IF object_type = 'project' THEN
        place := object_id;
    ELSIF run IS NOT NULL THEN
        place := (SELECT r.project_id FROM runs_run r WHERE r.id = ledger_record.run);
    ELSIF object_type IN ('prompt', 'model', 'workflow') THEN
        place := (SELECT a.project_id FROM catalog_asset a WHERE a.id = ledger_record.object_id);
    ELSIF object_type = 'version' THEN
        place := (SELECT a.project_id FROM catalog_version v JOIN catalog_asset a ON a.id = v.asset_id
                  WHERE v.id = ledger_record.object_id);
    ELSIF object_type = 'release' THEN
        place := (SELECT r.project_id FROM releases_release r WHERE r.id = ledger_record.object_id);
    ELSIF object_type = 'approval' THEN
        place := (SELECT q.project_id FROM approvals_request q WHERE q.id = ledger_record.object_id);
    END IF;
    INSERT INTO ledger_event
        (id, xid, at, organisation, project, kind, actor, actor_name, object_type, object_id, run, record, leaf)
    VALUES
        (event_id, pg_current_xact_id()::text::bigint, moment, organisation, place, kind, actor, actor_name,
         object_type, object_id, run, body, sha256('\x00'::bytea || body));
    RETURN event_id;
END $$;
DROP FUNCTION ledger_place(text, uuid);
DROP FUNCTION ledger_closing(uuid, uuid);
DROP FUNCTION ledger_opening(uuid, text);
DROP FUNCTION ledger_form(text, timestamptz, text, uuid, text, text, uuid, text);
DROP FUNCTION ledger_details(text);
DROP FUNCTION ledger_kind(text);
DROP FUNCTION ledger_refuse(text);
CREATE OR REPLACE FUNCTION ledger_uuid7(moment timestamptz) RETURNS uuid LANGUAGE sql VOLATILE AS $$
    SELECT encode(
        overlay(
            overlay(uuid_send(gen_random_uuid()) PLACING substring(int8send(micros / 1000) FROM 3) FROM 1 FOR 6)
            PLACING substring(int4send((28672 + micros % 1000 * 4096 / 1000)::integer) FROM 3) FROM 7 FOR 2), 'hex')::uuid
    FROM (SELECT (extract(epoch FROM moment) * 1000000)::bigint AS micros) AS clock
$$;
