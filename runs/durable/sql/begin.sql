-- Mark that an unsafe attempt begins, if this worker still holds the run. `begun` is false when it had begun before: then
-- nobody knows what became of it. No row: the run was lost.
WITH held AS (
    SELECT id, position, attempt, lease_owner FROM runs_run
    WHERE id = %(run)s AND lease_epoch = %(epoch)s AND position = %(position)s AND lease_until > clock_timestamp()
), begun AS (
    INSERT INTO runs_begun (id, run_id, position, attempt, worker, at)
    SELECT %(mark)s, id, position, attempt, lease_owner, clock_timestamp() FROM held
    ON CONFLICT DO NOTHING
    RETURNING id
)
SELECT EXISTS (SELECT FROM begun) AS begun FROM held
