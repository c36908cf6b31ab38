-- A time-ordered identifier (UUID version 7, RFC 9562, method 3): milliseconds, then the fraction of the millisecond in
-- twelve bits, so that what one statement records in quick succession keeps its order.
CREATE OR REPLACE FUNCTION ledger_uuid7(moment timestamptz) RETURNS uuid LANGUAGE sql VOLATILE AS $$
    SELECT encode(
        overlay(
            overlay(uuid_send(gen_random_uuid()) PLACING substring(int8send(micros / 1000) FROM 3) FROM 1 FOR 6)
            PLACING substring(int4send((28672 + micros % 1000 * 4096 / 1000)::integer) FROM 3) FROM 7 FOR 2), 'hex')::uuid
    FROM (SELECT (extract(epoch FROM moment) * 1000000)::bigint AS micros) AS clock
$$;
