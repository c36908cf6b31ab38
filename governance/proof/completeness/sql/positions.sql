-- A stretch of one log: how many entries it has, how many of their events are there, how many of these had no number yet, and
-- the transactions that they are of.
SELECT count(*), count(e.id),
       count(*) FILTER (WHERE position('"source":"'::bytea IN substr(e.record, greatest(octet_length(e.record) - 49, 1))) = 0),
       min(e.xid), max(e.xid)
FROM ledger_entry p LEFT JOIN ledger_event e ON e.id = p.event
WHERE p.log = %(log)s AND p.position >= %(first)s AND p.position < %(end)s
