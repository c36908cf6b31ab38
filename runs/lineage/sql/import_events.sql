-- One event for each run, once all that it did is in: from now on nothing is added to it.
SELECT count(ledger_record(%(organisation)s, %(kind)s::text, %(actor)s, %(actor_name)s::text, 'run', told.run, told.run,
                           convert_to(told.details, 'UTF8')))
FROM unnest(%(runs)s::uuid[], %(details)s::text[]) AS told (run, details)
