-- What governs is told by the database itself: each row that is inserted, changed or deleted leaves an event, by whatever
-- statement it came about, and what nobody is named for is refused.

-- Names who acts in this transaction. A service need not: the event that it records names its actor.
CREATE FUNCTION ledger_act(actor uuid) RETURNS void LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM accounts_user WHERE id = actor) THEN
        RAISE EXCEPTION 'nobody has the account of this actor' USING ERRCODE = 'check_violation';
    END IF;
    PERFORM set_config('countersign.actor', actor::text, true);
END $$;

-- The organisation and the project that a row belongs to, by what leads there from it.
CREATE FUNCTION ledger_row_place(place text, led text, OUT organisation uuid, OUT project uuid)
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF place = 'organisation' THEN
        organisation := led;
    ELSIF place = 'person' THEN
        organisation := (SELECT employer_id FROM accounts_user WHERE id = led::uuid);
    ELSIF place = 'group' THEN
        organisation := (SELECT organisation_id FROM accounts_team WHERE group_id = led::integer);
    ELSE
        project := ledger_place(place, led::uuid);
        organisation := (SELECT organisation_id FROM accounts_project WHERE id = project);
    END IF;
END $$;

-- Fired when the transaction ends, so that the row is told as it then stands beside whoever was named for it. Its arguments:
-- what leads to its place, by which column; the columns that are secret, and those that do not govern. Values never enter the
-- record: digests of the row before and after do, and the names of the columns that differ.
CREATE FUNCTION ledger_capture() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET timezone = 'UTC' SET bytea_output = 'hex' AS $$
DECLARE
    moment timestamptz := clock_timestamp();
    event_id uuid := ledger_identify(moment);
    secret text[] := string_to_array(TG_ARGV[2], ' ');
    aside text[] := string_to_array(TG_ARGV[3], ' ');
    before jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) - aside END;
    after jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) - aside END;
    stands jsonb := coalesce(after, before);
    thing text := coalesce(stands ->> 'id', stands ->> TG_ARGV[1]);
    object uuid := CASE WHEN thing ~ '^[0-9a-f-]{36}$' THEN thing ELSE md5(TG_TABLE_NAME || '/' || thing) END;
    kind text := CASE TG_OP WHEN 'INSERT' THEN 'row.inserted' WHEN 'UPDATE' THEN 'row.changed' ELSE 'row.deleted' END;
    who uuid := nullif(current_setting('countersign.actor', true), '');
    who_name text;
    place record;
    details text;
    number bigint;
    body bytea;
BEGIN
    IF before = after THEN
        RETURN NULL;
    END IF;
    SELECT name INTO who_name FROM accounts_user WHERE id = who;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'nobody is named who changes % (%)', TG_TABLE_NAME, lower(TG_OP)
            USING ERRCODE = 'check_violation',
                  HINT = 'What governs is changed by services, or within governance.ledger.acting.acting(actor).';
    END IF;
    place := ledger_row_place(TG_ARGV[0], stands ->> TG_ARGV[1]);
    details := format('{"after":%s,"before":%s,"columns":%s,"key":%s,"table":%s}',
        coalesce('"' || encode(sha256(convert_to((after - secret)::text, 'UTF8')), 'hex') || '"', 'null'),
        coalesce('"' || encode(sha256(convert_to((before - secret)::text, 'UTF8')), 'hex') || '"', 'null'),
        array_to_json(ARRAY(SELECT key FROM jsonb_object_keys(stands) AS key
                            WHERE before -> key IS DISTINCT FROM after -> key ORDER BY key COLLATE "C")),
        to_json(thing), to_json(TG_TABLE_NAME::text));
    number := ledger_session(who, 1);
    body := ledger_form(ledger_opening(who, who_name), moment, details, event_id, kind, number, TG_TABLE_NAME, object,
        ledger_closing(place.organisation, place.project, NULL, current_setting('countersign.source')));
    INSERT INTO ledger_event
        (id, xid, at, organisation, project, kind, actor, actor_name, object_type, object_id, run, record, leaf)
    VALUES
        (event_id, pg_current_xact_id()::text::bigint, moment, place.organisation, place.project, kind, who, who_name,
         TG_TABLE_NAME, object, NULL, body, sha256('\x00'::bytea || body));
    RETURN NULL;
END $$;
-- Or its triggers could be put on tables of one's own.
REVOKE ALL ON FUNCTION ledger_capture() FROM PUBLIC;

-- Puts the trigger on a table, for replicas and superusers too. The lists of columns are words with blanks between them.
CREATE FUNCTION ledger_govern(target regclass, place text, led_by text, secret text DEFAULT '', aside text DEFAULT '')
RETURNS void LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    governing text := (
        SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
        WHERE attrelid = target AND attnum > 0 AND NOT attisdropped AND attname <> ALL (string_to_array(aside, ' ')));
BEGIN
    EXECUTE format('DROP TRIGGER IF EXISTS capture ON %s', target);
    EXECUTE format('CREATE CONSTRAINT TRIGGER capture AFTER INSERT OR DELETE OR UPDATE %s ON %s DEFERRABLE INITIALLY DEFERRED '
                   'FOR EACH ROW EXECUTE FUNCTION ledger_capture(%L, %L, %L, %L)',
                   CASE WHEN aside <> '' THEN 'OF ' || governing END, target, place, led_by, secret, aside);
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER capture', target);
    IF NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = target AND tgname = 'refuse_truncate') THEN
        EXECUTE format('CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', target);
        EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER refuse_truncate', target);
    END IF;
END $$;

SELECT ledger_govern('accounts_user', 'person', 'id', 'password', 'last_login');
SELECT ledger_govern('accounts_user_groups', 'person', 'user_id');
SELECT ledger_govern('accounts_user_user_permissions', 'person', 'user_id');
SELECT ledger_govern('accounts_organisation', 'organisation', 'id');
SELECT ledger_govern('accounts_platform_owner', 'organisation', 'organisation_id');
SELECT ledger_govern('accounts_team', 'organisation', 'organisation_id');
SELECT ledger_govern('accounts_project', 'project', 'id');
SELECT ledger_govern('auth_group', 'group', 'id');
SELECT ledger_govern('auth_group_permissions', 'group', 'group_id');
SELECT ledger_govern('access_grant', 'project', 'project_id');
SELECT ledger_govern('access_api_token', 'organisation', 'organisation_id', 'secret_sha256', 'last_used_at');
SELECT ledger_govern('access_project_user_permission', 'project', 'content_object_id');
SELECT ledger_govern('access_project_group_permission', 'project', 'content_object_id');
SELECT ledger_govern('access_asset_user_permission', 'prompt', 'content_object_id');
SELECT ledger_govern('access_asset_group_permission', 'prompt', 'content_object_id');
SELECT ledger_govern('catalog_asset', 'project', 'project_id');
SELECT ledger_govern('catalog_version', 'prompt', 'asset_id');
SELECT ledger_govern('catalog_pin', 'version', 'version_id');
SELECT ledger_govern('approvals_request', 'project', 'project_id');
SELECT ledger_govern('approvals_exclusion', 'approval', 'request_id');
SELECT ledger_govern('approvals_vote', 'approval', 'request_id');
SELECT ledger_govern('releases_environment', 'organisation', 'organisation_id');
SELECT ledger_govern('releases_release', 'project', 'project_id');
SELECT ledger_govern('releases_activation', 'release', 'release_id');
SELECT ledger_govern('releases_opening', 'organisation', 'organisation_id');
