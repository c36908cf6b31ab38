-- Runs that nobody executes and whose deadline has passed are claimable at once: whoever takes one ends it.
-- Not where it would only stand still again: one whose parts have been stopped, for it or with it, until they have ended,
-- one that no worker is capable of until it is looked at again in any case.
WITH late AS (
    SELECT id FROM runs_run
    WHERE deadline_at <= clock_timestamp() AND finished_at IS NULL AND lease_until IS NULL
      AND state IN ('waiting', 'paused')
      AND NOT (state = 'waiting' AND waits_for = 'parts' AND coalesce((
          SELECT bool_and(part.asked = 'cancel' OR part.state = 'compensating') FROM runs_run AS part
          WHERE part.parent_id = runs_run.id AND part.state IN
                ('queued', 'running', 'waiting', 'ready', 'paused', 'needs_review', 'compensating')), false))
      AND NOT (state = 'waiting' AND waits_for = 'worker' AND wake_at > clock_timestamp())
    ORDER BY deadline_at LIMIT %(most)s FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE runs_run AS run SET state = 'ready', ready_at = clock_timestamp(), nudges = nudges + 1
FROM late WHERE run.id = late.id
RETURNING run.id, run.pool
