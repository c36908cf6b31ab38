CREATE OR REPLACE FUNCTION ledger_details(details text) RETURNS text LANGUAGE sql AS $$
    SELECT CASE WHEN octet_length(details) > 30000
                THEN ledger_refuse('the details of an event take at most 30,000 bytes')
                WHEN jsonb_typeof(details::jsonb) = 'object' THEN details
                ELSE ledger_refuse('the details of an event are a JSON object') END
$$;
CREATE FUNCTION ledger_form(
    opening text, moment timestamptz, details text, id uuid, kind text, object_type text, object_id uuid, closing text
) RETURNS bytea LANGUAGE sql AS $$
    SELECT convert_to(
        opening || to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '","details":' || details
        || ',"id":"' || id || '","kind":"' || kind || '","object_id":"' || object_id || '","object_type":'
        || to_json(object_type)::text || closing, 'UTF8')
$$;
CREATE FUNCTION ledger_closing(organisation uuid, run uuid) RETURNS text LANGUAGE sql AS $$
    SELECT ',"organisation":' || coalesce('"' || organisation || '"', 'null')
           || ',"run":' || coalesce('"' || run || '"', 'null') || '}'
$$;

CREATE OR REPLACE FUNCTION ledger_record(
    organisation uuid, kind text, actor uuid, actor_name text,
    object_type text, object_id uuid, run uuid, details bytea
) RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    moment timestamptz := clock_timestamp();
    event_id uuid := ledger_uuid7(moment);
    body bytea := ledger_form(
        ledger_opening(actor, actor_name), moment, ledger_details(convert_from(details, 'UTF8')), event_id,
        ledger_kind(kind), object_type, object_id, ledger_closing(organisation, run));
    place uuid;
BEGIN
    SELECT about.project_id INTO place
    FROM accounts_user LEFT JOIN runs_run AS about ON about.id = ledger_record.run
    WHERE accounts_user.id = ledger_record.actor;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'nobody has the account of this actor' USING ERRCODE = 'check_violation';
    END IF;
    IF run IS NULL OR object_type = 'project' THEN
        place := ledger_place(object_type, object_id);
    END IF;
    INSERT INTO ledger_event
        (id, xid, at, organisation, project, kind, actor, actor_name, object_type, object_id, run, record, leaf)
    VALUES
        (event_id, pg_current_xact_id()::text::bigint, moment, organisation, place, kind, actor, actor_name,
         object_type, object_id, run, body, sha256('\x00'::bytea || body));
    RETURN event_id;
END $$;

CREATE OR REPLACE FUNCTION ledger_record_run(
    organisation uuid, actor uuid, actor_name text, run uuid,
    kinds text[], object_types text[], object_ids uuid[], details text[]
) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    transaction bigint := pg_current_xact_id()::text::bigint;
    opening text := ledger_opening(actor, actor_name);
    closing text := ledger_closing(organisation, run);
    place uuid;
    recorded integer;
BEGIN
    SELECT about.project_id INTO place FROM accounts_user, runs_run AS about
    WHERE accounts_user.id = ledger_record_run.actor AND about.id = ledger_record_run.run;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'nobody has the account of this actor, or there is no such run' USING ERRCODE = 'check_violation';
    END IF;
    INSERT INTO ledger_event
        (id, xid, at, organisation, project, kind, actor, actor_name, object_type, object_id, run, record, leaf)
    SELECT id, transaction, moment, organisation, place, kind, actor, actor_name, object_type, object_id, run, record,
           sha256('\x00'::bytea || record)
    FROM (
        SELECT *, ledger_form(opening, moment, told, id, kind, object_type, object_id, closing) AS record
        FROM (
            SELECT moment, ledger_uuid7(moment) AS id, ledger_kind(kind) AS kind, object_type, object_id,
                   ledger_details(told) AS told
            FROM (SELECT clock_timestamp() AS moment, event.*
                  FROM unnest(kinds, object_types, object_ids, details)
                      AS event (kind, object_type, object_id, told)) AS event
        ) AS event
        OFFSET 0  -- or the record would be put together twice
    ) AS event;
    GET DIAGNOSTICS recorded = ROW_COUNT;
    RETURN recorded;
END $$;

DROP FUNCTION ledger_closing(uuid, uuid, uuid, text);
DROP FUNCTION ledger_form(text, timestamptz, text, uuid, text, bigint, text, uuid, text);
DROP FUNCTION ledger_exact(text);
DROP FUNCTION ledger_session(uuid, integer);
DROP FUNCTION ledger_identify(timestamptz);
