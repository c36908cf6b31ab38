-- The events of these sessions, in this part of the ledger, whose numbers lie between two.
SELECT numbered.source, numbered.number, numbered.id, numbered.log, numbered.at
FROM (SELECT e.id, e.at, coalesce(e.organisation, '00000000-0000-0000-0000-000000000000') AS log, {numbered}
      FROM {told} {ending} OFFSET 0) AS numbered
     JOIN unnest(%(sources)s::text[], %(lows)s::bigint[], %(highs)s::bigint[]) AS wanted (source, low, high)
     ON wanted.source = numbered.source AND numbered.number BETWEEN wanted.low AND wanted.high
