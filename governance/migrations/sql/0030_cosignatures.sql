-- What witnesses say of checkpoints: rows that are only ever inserted, by the keeper's function.

SELECT make_immutable('ledger_cosignature');

-- A cosignature that the keeper has verified; nothing where the witness's is there already.
CREATE FUNCTION ledger_keep_cosignature(checkpoint uuid, vkey text, line bytea, seen_at timestamptz)
RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    INSERT INTO ledger_cosignature (id, checkpoint_id, vkey, line, seen_at)
    VALUES (ledger_identify(clock_timestamp()), checkpoint, vkey, line, seen_at) ON CONFLICT DO NOTHING
$$;
REVOKE ALL ON FUNCTION ledger_keep_cosignature(uuid, text, bytea, timestamptz) FROM PUBLIC;
