-- Of each database session with events in this part of the ledger: its lowest and highest number there, how many different
-- ones, of how many events, and how many of those are in the logs that are asked about.
SELECT source, min(number), max(number), count(*), sum(times)::bigint, sum(own)::bigint
FROM (
    SELECT source, number, count(*) AS times, count(*) FILTER (WHERE log = ANY (%(logs)s)) AS own
    FROM (SELECT coalesce(e.organisation, '00000000-0000-0000-0000-000000000000') AS log, {numbered} FROM {told} {ending} OFFSET 0)
        AS told
    WHERE source ~ '^[0-9a-f]{{13}}-[0-9]{{1,10}}$' AND number IS NOT NULL
    GROUP BY 1, 2
) AS numbered
GROUP BY 1
