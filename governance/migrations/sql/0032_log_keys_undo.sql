-- Keeps a note that was signed, and with the first one the log's name. The time is the database's.
CREATE OR REPLACE FUNCTION ledger_sign(
    id uuid, log uuid, origin text, size bigint, root bytea, note bytea, key_id text
) RETURNS timestamptz LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE
    moment timestamptz := clock_timestamp();
BEGIN
    INSERT INTO ledger_log (id, origin, opened_at) VALUES (ledger_sign.log, ledger_sign.origin, moment) ON CONFLICT DO NOTHING;
    IF NOT EXISTS (SELECT FROM ledger_log l WHERE l.id = ledger_sign.log AND l.origin = ledger_sign.origin) THEN
        RAISE EXCEPTION 'the log has another origin' USING ERRCODE = 'check_violation';
    END IF;
    IF ledger_sign.size > (SELECT max(t.position) + 1 FROM ledger_entry t WHERE t.log = ledger_sign.log) THEN
        RAISE EXCEPTION 'the log is not as large' USING ERRCODE = 'check_violation';
    END IF;
    INSERT INTO ledger_checkpoint (id, log, size, root, note, key_id, at)
    VALUES (ledger_sign.id, ledger_sign.log, ledger_sign.size, ledger_sign.root, ledger_sign.note, ledger_sign.key_id, moment);
    RETURN moment;
END $$;
DROP FUNCTION ledger_turn(uuid, uuid, text, bytea);
