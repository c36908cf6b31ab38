-- A worker has gone: the leases of its processes end now, so that others take what it left in hand.
WITH gone AS (
    UPDATE runs_worker SET left_at = clock_timestamp(), busy = 0 WHERE id = %(worker)s::uuid
), held AS (
    SELECT id FROM runs_run
    WHERE lease_until IS NOT NULL
      AND EXISTS (SELECT FROM unnest(%(owners)s::text[]) AS owner WHERE starts_with(lease_owner, owner))
    ORDER BY id DESC FOR NO KEY UPDATE
)
UPDATE runs_run AS run SET lease_until = clock_timestamp()
FROM held WHERE run.id = held.id
RETURNING run.id
