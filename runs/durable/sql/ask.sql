-- Ask for room at a provider: "free" when it may be asked, which is noted at the run; else why not, and for how long.
SELECT said, seconds
FROM runs_ask(%(limit)s::uuid, %(run)s::uuid, %(epoch)s::integer, %(waited)s::boolean, %(owed)s::boolean)
