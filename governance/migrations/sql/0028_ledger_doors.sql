-- What the keeper does beside sequencing and signing, each by one function of the owner's: nobody inserts into these tables by
-- themselves. Where what is inserted decides what work goes on, the same statement tells of it in the log.

-- The account of an active person, or of the system actor in whose name something is done.
CREATE FUNCTION ledger_actor_name(actor uuid) RETURNS text LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    found text := (SELECT name FROM accounts_user WHERE id = actor AND is_active);
BEGIN
    RETURN coalesce(found, ledger_refuse('nobody has the account of this actor, or it is shut'));
END $$;

-- Tiles that have become full.
CREATE FUNCTION ledger_keep_tiles(logs uuid[], levels smallint[], indexes bigint[], roots bytea[], contents bytea[])
RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    INSERT INTO ledger_tile (id, log, level, index, root, hashes)
    SELECT ledger_identify(clock_timestamp()), tile.* FROM unnest(logs, levels, indexes, roots, contents) AS tile
$$;

-- A round of verification; it held if nothing was found.
CREATE FUNCTION ledger_keep_round(entries bigint, logs integer, findings jsonb, seconds double precision)
RETURNS uuid LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    INSERT INTO ledger_verification (id, entries, logs, holds, findings, seconds)
    VALUES (ledger_identify(clock_timestamp()), entries, logs, findings = '[]', findings, seconds) RETURNING id
$$;

-- A finding, which holds work up, and the event that tells of it; nothing where the same was found before.
CREATE FUNCTION ledger_find(finding bytea, actor uuid) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    nobody CONSTANT uuid := '00000000-0000-0000-0000-000000000000';
    told jsonb := convert_from(finding, 'UTF8')::jsonb;
    about uuid := told->>'log';
    made uuid;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('countersign.ledger_find'));
    IF EXISTS (SELECT FROM ledger_freeze f
               WHERE f.code = told->>'code' AND f.log IS NOT DISTINCT FROM about
                 AND f.position IS NOT DISTINCT FROM (told->>'position')::bigint
                 AND f.finding->>'event' IS NOT DISTINCT FROM told->>'event'
                 AND (told->>'position' IS NOT NULL OR told->>'event' IS NOT NULL OR f.finding->>'said' = told->>'said')) THEN
        RETURN NULL;
    END IF;
    PERFORM ledger_record(nullif(about, nobody), 'ledger.frozen', actor, ledger_actor_name(actor), 'log', coalesce(about, nobody),
                          NULL, finding);
    INSERT INTO ledger_freeze (id, log, code, position, finding)
    VALUES (ledger_identify(clock_timestamp()), about, told->>'code', (told->>'position')::bigint, told) RETURNING id INTO made;
    RETURN made;
END $$;

-- Lets work go on after a finding, in the name of who owns the log's organisation (of the installation's, some organisation),
-- and tells of it. The details say which finding and why.
CREATE FUNCTION ledger_thaw_by(actor uuid, details bytea) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    nobody CONSTANT uuid := '00000000-0000-0000-0000-000000000000';
    told jsonb := convert_from(details, 'UTF8')::jsonb;
    found ledger_freeze;
    made uuid;
BEGIN
    SELECT * INTO STRICT found FROM ledger_freeze WHERE id = (told->>'freeze')::uuid;
    IF NOT EXISTS (SELECT FROM accounts_user u WHERE u.id = actor AND u.kind = 'system' AND u.email = 'set-up@system.invalid')
       AND NOT EXISTS (SELECT FROM accounts_platform_owner o WHERE o.user_id = actor
                       AND (o.organisation_id = found.log OR coalesce(found.log, nobody) = nobody)) THEN
        RAISE EXCEPTION 'only a platform owner lets work go on after a finding' USING ERRCODE = 'check_violation';
    END IF;
    PERFORM ledger_record(nullif(found.log, nobody), 'ledger.thawed', actor, ledger_actor_name(actor), 'log',
                          coalesce(found.log, nobody), NULL, details);
    INSERT INTO ledger_thaw (id, freeze_id, by_name, reason)
    VALUES (ledger_identify(clock_timestamp()), found.id, ledger_actor_name(actor), told->>'reason') RETURNING id INTO made;
    RETURN made;
END $$;

-- The key that signs a log from its first note on, and the event that announces it in that log.
CREATE FUNCTION ledger_announce(log uuid, actor uuid, details bytea) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    event uuid;
BEGIN
    event := ledger_record(nullif(ledger_announce.log, '00000000-0000-0000-0000-000000000000'), 'log_key.announced', actor,
                           ledger_actor_name(actor), 'log', ledger_announce.log, NULL, details);
    INSERT INTO ledger_key (id, log, vkey, from_size, event)
    VALUES (ledger_identify(clock_timestamp()), ledger_announce.log, convert_from(details, 'UTF8')::jsonb->>'vkey', 0, event);
    RETURN event;
END $$;

REVOKE ALL ON FUNCTION ledger_keep_tiles(uuid[], smallint[], bigint[], bytea[], bytea[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION ledger_keep_round(bigint, integer, jsonb, double precision) FROM PUBLIC;
REVOKE ALL ON FUNCTION ledger_find(bytea, uuid) FROM PUBLIC;
REVOKE ALL ON FUNCTION ledger_thaw_by(uuid, bytea) FROM PUBLIC;
REVOKE ALL ON FUNCTION ledger_announce(uuid, uuid, bytea) FROM PUBLIC;
