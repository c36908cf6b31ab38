-- The ledger's one door. The application's role may execute this function and may not touch the table.

-- Rows that are only ever inserted: refuses UPDATE, DELETE and TRUNCATE for everybody, the owner included.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% rows are only ever inserted: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END $$;

-- Puts refuse_change on a table, for replicas and superusers too.
CREATE FUNCTION make_immutable(target regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON %s FOR EACH ROW EXECUTE FUNCTION refuse_change()', target);
    EXECUTE format('CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', target);
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER refuse_change', target);
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER refuse_truncate', target);
END $$;

-- A time-ordered identifier (UUID version 7, RFC 9562) on every supported PostgreSQL; 18 has its own.
CREATE FUNCTION ledger_uuid7(moment timestamptz) RETURNS uuid LANGUAGE sql VOLATILE AS $$
    SELECT encode(
        set_bit(set_bit(
            overlay(uuid_send(gen_random_uuid())
                    PLACING substring(int8send((extract(epoch FROM moment) * 1000)::bigint) FROM 3) FROM 1 FOR 6),
            52, 1), 53, 1), 'hex')::uuid
$$;

-- JSON text with the escapes of RFC 8785: the keys below stand in sorted order, so the record is canonical.
CREATE FUNCTION ledger_record(
    organisation uuid, kind text, actor uuid, actor_name text,
    object_type text, object_id uuid, run uuid, details bytea
) RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    moment timestamptz := clock_timestamp();
    event_id uuid := ledger_uuid7(moment);
    body bytea;
BEGIN
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
REVOKE ALL ON FUNCTION ledger_record(uuid, text, uuid, text, text, uuid, uuid, bytea) FROM PUBLIC;

SELECT make_immutable('ledger_event');
SELECT make_immutable('catalog_version');
SELECT make_immutable('catalog_pin');
SELECT make_immutable('releases_release');
SELECT make_immutable('releases_activation');
SELECT make_immutable('approvals_vote');
SELECT make_immutable('approvals_exclusion');
