-- A log's key, and with a restore its name, may change: from a size on that nothing was signed at yet.

-- The next key of a log, or the same under the log's next name, and the event that tells of it in that log. Its details say
-- the key in force (old), the next (new), and from which size on it signs.
CREATE FUNCTION ledger_turn(log uuid, actor uuid, kind text, details bytea) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    nobody CONSTANT uuid := '00000000-0000-0000-0000-000000000000';
    told jsonb := convert_from(details, 'UTF8')::jsonb;
    start bigint := (told->>'from_size')::bigint;
    held ledger_key;
    renamed boolean := split_part(told->>'old', '+', 1) <> split_part(told->>'new', '+', 1);
    event uuid;
BEGIN
    SELECT * INTO held FROM ledger_key k WHERE k.log = ledger_turn.log ORDER BY k.from_size DESC LIMIT 1;
    IF held.vkey IS DISTINCT FROM told->>'old' OR start <= held.from_size
       OR EXISTS (SELECT FROM ledger_checkpoint c WHERE c.log = ledger_turn.log AND c.size >= start) THEN
        RAISE EXCEPTION 'another key is in force there' USING ERRCODE = 'check_violation';
    END IF;
    IF renamed <> (kind = 'log.restored') OR kind NOT IN ('log.restored', 'log_key.rotated')
       OR renamed AND EXISTS (SELECT FROM ledger_key k WHERE starts_with(k.vkey, split_part(told->>'new', '+', 1) || '+')) THEN
        RAISE EXCEPTION 'a log has another name after a restore alone, and one that no log had' USING ERRCODE = 'check_violation';
    END IF;
    IF NOT EXISTS (SELECT FROM accounts_platform_owner o WHERE o.user_id = actor
                   AND (o.organisation_id = ledger_turn.log OR ledger_turn.log = nobody OR NOT renamed)) THEN
        RAISE EXCEPTION 'only a platform owner has a log go on' USING ERRCODE = 'check_violation';
    END IF;
    event := ledger_record(nullif(ledger_turn.log, nobody), kind, actor, ledger_actor_name(actor), 'log', ledger_turn.log, NULL,
                           details);
    INSERT INTO ledger_key (id, log, vkey, from_size, event)
    VALUES (ledger_identify(clock_timestamp()), ledger_turn.log, told->>'new', start, event);
    RETURN event;
END $$;
REVOKE ALL ON FUNCTION ledger_turn(uuid, uuid, text, bytea) FROM PUBLIC;

-- As before; the name is that of the key in force at the size.
CREATE OR REPLACE FUNCTION ledger_sign(
    id uuid, log uuid, origin text, size bigint, root bytea, note bytea, key_id text
) RETURNS timestamptz LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE
    moment timestamptz := clock_timestamp();
BEGIN
    INSERT INTO ledger_log (id, origin, opened_at) VALUES (ledger_sign.log, ledger_sign.origin, moment) ON CONFLICT DO NOTHING;
    IF NOT EXISTS (SELECT FROM ledger_log l WHERE l.id = ledger_sign.log) OR NOT coalesce(starts_with((
           SELECT k.vkey FROM ledger_key k WHERE k.log = ledger_sign.log AND k.from_size <= ledger_sign.size
           ORDER BY k.from_size DESC LIMIT 1), ledger_sign.origin || '+'), false) THEN
        RAISE EXCEPTION 'the log has another origin' USING ERRCODE = 'check_violation';
    END IF;
    IF ledger_sign.size > (SELECT max(t.position) + 1 FROM ledger_entry t WHERE t.log = ledger_sign.log) THEN
        RAISE EXCEPTION 'the log is not as large' USING ERRCODE = 'check_violation';
    END IF;
    INSERT INTO ledger_checkpoint (id, log, size, root, note, key_id, at)
    VALUES (ledger_sign.id, ledger_sign.log, ledger_sign.size, ledger_sign.root, ledger_sign.note, ledger_sign.key_id, moment);
    RETURN moment;
END $$;
