CREATE OR REPLACE FUNCTION ledger_record(
    organisation uuid, kind text, actor uuid, actor_name text,
    object_type text, object_id uuid, run uuid, details bytea
) RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    moment timestamptz := clock_timestamp();
    event_id uuid := ledger_uuid7(moment);
    body bytea;
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
    INSERT INTO ledger_event
        (id, xid, at, organisation, kind, actor, actor_name, object_type, object_id, run, record, leaf)
    VALUES
        (event_id, pg_current_xact_id()::text::bigint, moment, organisation, kind, actor, actor_name,
         object_type, object_id, run, body, sha256('\x00'::bytea || body));
    RETURN event_id;
END $$;
