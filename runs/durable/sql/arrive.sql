-- A worker that arrives may be capable of what none was: runs that wait for one are looked at again now.
UPDATE runs_run SET wake_at = clock_timestamp()
WHERE wake_at > clock_timestamp() AND waits_for = 'worker' AND state IN ('waiting', 'compensating')
RETURNING id
