-- The record says where it was told (its project, and the database session, whose events are numbered without a gap), and no
-- number enters it that readers would take for different values.

-- PostgreSQL 18 has its own time-ordered identifiers (RFC 9562): each in a session later than the one before it.
DO $$
BEGIN
    IF current_setting('server_version_num')::integer >= 180000 THEN
        CREATE FUNCTION ledger_identify(moment timestamptz) RETURNS uuid LANGUAGE sql VOLATILE AS 'SELECT uuidv7()';
    ELSE
        CREATE FUNCTION ledger_identify(moment timestamptz) RETURNS uuid LANGUAGE sql VOLATILE AS 'SELECT ledger_uuid7(moment)';
    END IF;
END $$;

-- What a session keeps about its telling: who acts in this transaction, and the number of its last event. The answer is the
-- first number of so many new ones. Settings go back with a transaction or savepoint that is rolled back, so that numbers
-- are left out by nobody but whoever removes an event.
CREATE FUNCTION ledger_session(actor uuid, many integer) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    before bigint := 0;
    kept text := set_config('countersign.actor', actor::text, true);
BEGIN
    IF current_setting('countersign.source', true) LIKE '_____________-' || pg_backend_pid() THEN
        before := current_setting('countersign.number', true);
    END IF;
    IF before NOT BETWEEN 1 AND 999999999999999 THEN
        before := 0;
        kept := set_config('countersign.source',
            to_hex((extract(epoch FROM clock_timestamp()) * 1000000)::bigint) || '-' || pg_backend_pid(), false);
    END IF;
    kept := set_config('countersign.number', (before + many)::text, false);
    RETURN before + 1;
END $$;

-- The details, or a refusal: a fraction, a negative zero, a whole number beyond 2^53 - 1. Their text has no strings any more
-- when it is looked at, so that what stands in quotes may say what it likes.
CREATE FUNCTION ledger_exact(details text) RETURNS text LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    bare text := regexp_replace(details, '"(?:[^"\\]|\\.)*"', '', 'g');
BEGIN
    IF bare ~ '[0-9][.eE]|-0' THEN
        RETURN ledger_refuse('the details of an event have a number with a fraction, an exponent or a negative zero: write it as text');
    ELSIF EXISTS (SELECT FROM regexp_matches(bare, '[0-9]{16,}', 'g') AS found (digits) WHERE digits[1]::numeric > 9007199254740991) THEN
        RETURN ledger_refuse('the details of an event have a whole number beyond 2^53 - 1: write it as text');
    END IF;
    RETURN details;
END $$;

-- As before, and looked at closely where a number looks as if it were not a small whole one.
CREATE OR REPLACE FUNCTION ledger_details(details text) RETURNS text LANGUAGE sql AS $$
    SELECT CASE WHEN octet_length(details) > 30000
                THEN ledger_refuse('the details of an event take at most 30,000 bytes')
                WHEN (jsonb_typeof(details::jsonb) = 'object') IS NOT TRUE
                THEN ledger_refuse('the details of an event are a JSON object')
                WHEN details ~ '[:,\[][ \t\n\r]*(-0|-?[0-9]+[.eE]|-?[0-9]{16})' THEN ledger_exact(details)
                ELSE details END
$$;

-- The record: JSON text with the escapes of RFC 8785, its keys in sorted order, so it is canonical.
CREATE FUNCTION ledger_form(
    opening text, moment timestamptz, details text, id uuid, kind text, number bigint, object_type text, object_id uuid, closing text
) RETURNS bytea LANGUAGE sql AS $$
    SELECT convert_to(
        opening || to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '","details":' || details
        || ',"id":"' || id || '","kind":"' || kind || '","number":' || number || ',"object_id":"' || object_id
        || '","object_type":' || to_json(object_type)::text || closing, 'UTF8')
$$;
CREATE FUNCTION ledger_closing(organisation uuid, project uuid, run uuid, source text) RETURNS text LANGUAGE sql AS $$
    SELECT ',"organisation":' || coalesce('"' || organisation || '"', 'null')
           || ',"project":' || coalesce('"' || project || '"', 'null')
           || ',"run":' || coalesce('"' || run || '"', 'null') || ',"source":' || to_json(source)::text || '}'
$$;

CREATE OR REPLACE FUNCTION ledger_record(
    organisation uuid, kind text, actor uuid, actor_name text,
    object_type text, object_id uuid, run uuid, details bytea
) RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    moment timestamptz := clock_timestamp();
    event_id uuid := ledger_identify(moment);
    place uuid;
    number bigint;
    body bytea;
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
    number := ledger_session(actor, 1);
    body := ledger_form(
        ledger_opening(actor, actor_name), moment, ledger_details(convert_from(details, 'UTF8')), event_id,
        ledger_kind(kind), number, object_type, object_id,
        ledger_closing(organisation, place, run, current_setting('countersign.source')));
    INSERT INTO ledger_event
        (id, xid, at, organisation, project, kind, actor, actor_name, object_type, object_id, run, record, leaf)
    VALUES
        (event_id, pg_current_xact_id()::text::bigint, moment, organisation, place, kind, actor, actor_name,
         object_type, object_id, run, body, sha256('\x00'::bytea || body));
    RETURN event_id;
END $$;

-- Events of one run, in this order.
CREATE OR REPLACE FUNCTION ledger_record_run(
    organisation uuid, actor uuid, actor_name text, run uuid,
    kinds text[], object_types text[], object_ids uuid[], details text[]
) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    transaction bigint := pg_current_xact_id()::text::bigint;
    opening text := ledger_opening(actor, actor_name);
    closing text;
    place uuid;
    first bigint;
    recorded integer;
BEGIN
    SELECT about.project_id INTO place FROM accounts_user, runs_run AS about
    WHERE accounts_user.id = ledger_record_run.actor AND about.id = ledger_record_run.run;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'nobody has the account of this actor, or there is no such run' USING ERRCODE = 'check_violation';
    END IF;
    first := ledger_session(actor, coalesce(cardinality(kinds), 0));
    closing := ledger_closing(organisation, place, run, current_setting('countersign.source'));
    INSERT INTO ledger_event
        (id, xid, at, organisation, project, kind, actor, actor_name, object_type, object_id, run, record, leaf)
    SELECT id, transaction, moment, organisation, place, kind, actor, actor_name, object_type, object_id, run, record,
           sha256('\x00'::bytea || record)
    FROM (
        SELECT *, ledger_form(opening, moment, told, id, kind, number, object_type, object_id, closing) AS record
        FROM (
            SELECT moment, ledger_identify(moment) AS id, ledger_kind(kind) AS kind, first + place_in - 1 AS number,
                   object_type, object_id, ledger_details(told) AS told
            FROM (SELECT clock_timestamp() AS moment, event.*
                  FROM unnest(kinds, object_types, object_ids, details) WITH ORDINALITY
                      AS event (kind, object_type, object_id, told, place_in)) AS event
        ) AS event
        OFFSET 0  -- or the record would be put together twice
    ) AS event;
    GET DIAGNOSTICS recorded = ROW_COUNT;
    RETURN recorded;
END $$;

DROP FUNCTION ledger_form(text, timestamptz, text, uuid, text, text, uuid, text);
DROP FUNCTION ledger_closing(uuid, uuid);
