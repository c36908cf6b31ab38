-- The log over the ledger's events: each event gets a position in the log of its organisation, full tiles of the tree are
-- stored, and checkpoints sign it. None of these rows ever changes but the one that says how far sequencing has come.

SELECT make_immutable('ledger_log');
SELECT make_immutable('ledger_entry');
SELECT make_immutable('ledger_tile');
SELECT make_immutable('ledger_checkpoint');
SELECT make_immutable('ledger_key');
ALTER TABLE ledger_entry ADD CHECK (position >= 0);
ALTER TABLE ledger_tile ADD CHECK (octet_length(root) = 32 AND octet_length(hashes) = 8192 AND level BETWEEN 0 AND 7 AND index >= 0);
ALTER TABLE ledger_checkpoint ADD CHECK (octet_length(root) = 32 AND size > 0 AND octet_length(note) <= 16384);

INSERT INTO ledger_sequencing (id, cluster, after_xid, after_id) VALUES (1, '', 0, '00000000-0000-0000-0000-000000000000');
CREATE FUNCTION guard_sequencing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'there is one row that says how far sequencing has come: % refused', TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER guard_sequencing BEFORE INSERT OR DELETE ON ledger_sequencing FOR EACH ROW EXECUTE FUNCTION guard_sequencing();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON ledger_sequencing FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE ledger_sequencing ENABLE ALWAYS TRIGGER guard_sequencing;
ALTER TABLE ledger_sequencing ENABLE ALWAYS TRIGGER refuse_truncate;

-- Gives committed events their positions, at most so many at a time, and answers what each log grew by. To be called again
-- until it answers nothing. Two at once do no harm: the second gets nothing.
--
-- Wanted is what the snapshot `reading` shows and `seen` did not: the transactions that were under way in `seen`, and those
-- that began after it. That set is fixed, so a cursor may go through it; and what `reading` does not show was under way in it
-- or began after it, so the next round looks there. A slow transaction is neither lost nor waited for.
-- Plans by index alone: one that was made for another size of backlog would read the whole table at each tick.
CREATE FUNCTION ledger_sequence(most integer) RETURNS TABLE (log uuid, first bigint, leaves bytea[])
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET jit = off
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_bitmapscan = off AS $$
#variable_conflict use_column
DECLARE
    nobody CONSTANT uuid := '00000000-0000-0000-0000-000000000000';
    st ledger_sequencing;
    now_shown pg_snapshot;
    reading pg_snapshot;
    seen pg_snapshot;
    here text;
    goes_on boolean;
    events uuid[];
    logs uuid[];
    hashes bytea[];
    last_xid bigint;
    many integer;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtext('countersign.ledger_sequence')) THEN
        RETURN;
    END IF;
    SELECT * INTO st FROM ledger_sequencing WHERE id = 1;
    now_shown := pg_current_snapshot();
    here := (SELECT system_identifier::text FROM pg_control_system());
    -- Restored into another cluster, or into this one set back: the numbers of its transactions say nothing about the rows
    -- that are there, so each of these is looked at.
    IF st.cluster <> here OR pg_snapshot_xmax(coalesce(st.reading, st.seen)::pg_snapshot) > pg_snapshot_xmax(now_shown) THEN
        st.cluster := here;
        st.seen := NULL;
        st.reading := NULL;
    END IF;
    goes_on := st.reading IS NOT NULL;
    IF NOT goes_on THEN
        st.reading := now_shown::text;
        st.after_xid := 0;
        st.after_id := nobody;
    END IF;
    reading := st.reading::pg_snapshot;
    seen := st.seen::pg_snapshot;
    IF seen IS NULL THEN
        SELECT array_agg(f.id ORDER BY f.xid, f.id), array_agg(coalesce(f.organisation, nobody) ORDER BY f.xid, f.id),
               array_agg(f.leaf ORDER BY f.xid, f.id), max(f.xid) INTO events, logs, hashes, last_xid
        FROM (SELECT e.id, e.xid, e.organisation, e.leaf FROM ledger_event e
              WHERE (e.xid, e.id) > (st.after_xid, st.after_id) ORDER BY e.xid, e.id LIMIT most) AS f;
    ELSE
        SELECT array_agg(f.id ORDER BY f.xid, f.id), array_agg(coalesce(f.organisation, nobody) ORDER BY f.xid, f.id),
               array_agg(f.leaf ORDER BY f.xid, f.id), max(f.xid) INTO events, logs, hashes, last_xid
        FROM (SELECT * FROM (
                (SELECT e.id, e.xid, e.organisation, e.leaf FROM ledger_event e
                 WHERE e.xid = ANY (ARRAY(SELECT x::text::bigint FROM pg_snapshot_xip(seen) x))
                   AND (e.xid, e.id) > (st.after_xid, st.after_id)
                   AND pg_visible_in_snapshot(e.xid::text::xid8, reading) ORDER BY e.xid, e.id LIMIT most)
                UNION ALL
                (SELECT e.id, e.xid, e.organisation, e.leaf FROM ledger_event e
                 WHERE e.xid >= greatest(pg_snapshot_xmax(seen)::text::bigint, st.after_xid)
                   AND e.xid < pg_snapshot_xmax(reading)::text::bigint
                   AND (e.xid, e.id) > (st.after_xid, st.after_id)
                   AND pg_visible_in_snapshot(e.xid::text::xid8, reading) ORDER BY e.xid, e.id LIMIT most)
              ) AS wanted ORDER BY wanted.xid, wanted.id LIMIT most) AS f;
    END IF;
    many := coalesce(array_length(events, 1), 0);
    IF many >= most THEN
        UPDATE ledger_sequencing SET cluster = st.cluster, seen = st.seen, reading = st.reading, after_xid = last_xid,
                                     after_id = events[many] WHERE id = 1;
    ELSIF many > 0 OR goes_on OR seen IS NULL
          OR pg_snapshot_xmax(reading)::text::bigint - pg_snapshot_xmax(seen)::text::bigint > 10000 THEN
        -- Otherwise nothing is written: an idle portal commits nothing here.
        UPDATE ledger_sequencing SET cluster = st.cluster, seen = st.reading, reading = NULL WHERE id = 1;
    END IF;
    IF many = 0 THEN
        RETURN;
    END IF;
    RETURN QUERY
    WITH told AS (
        SELECT u.log, u.event, u.leaf,
               coalesce((SELECT max(t.position) FROM ledger_entry t WHERE t.log = u.log), -1)
               + row_number() OVER (PARTITION BY u.log ORDER BY u.place) AS position
        FROM unnest(events, logs, hashes) WITH ORDINALITY AS u (event, log, leaf, place)
        WHERE NOT EXISTS (SELECT FROM ledger_entry t WHERE t.event = u.event)
    ), kept AS (
        INSERT INTO ledger_entry (event, log, position) SELECT t.event, t.log, t.position FROM told t
    )
    SELECT t.log, min(t.position), array_agg(t.leaf ORDER BY t.position) FROM told t GROUP BY t.log;
END $$;
REVOKE ALL ON FUNCTION ledger_sequence(integer) FROM PUBLIC;

-- Keeps a note that was signed, and with the first one the log's name. The time is the database's.
CREATE FUNCTION ledger_sign(
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
REVOKE ALL ON FUNCTION ledger_sign(uuid, uuid, text, bigint, bytea, bytea, text) FROM PUBLIC;
