-- Extend the leases that are still held, and no others; and, of a worker, that it is there. Rows that somebody moves at
-- this moment, as the worker itself does when it commits several, are left to the next beat: nobody waits for another.
WITH held AS (
    SELECT run.id FROM runs_run AS run
    JOIN unnest(%(runs)s::uuid[], %(epochs)s::integer[]) AS mine (id, epoch)
        ON run.id = mine.id AND run.lease_epoch = mine.epoch AND run.lease_until IS NOT NULL
    FOR NO KEY UPDATE OF run SKIP LOCKED
), extended AS (
    UPDATE runs_run AS run
    SET lease_until = clock_timestamp() + make_interval(secs => %(lease)s)
    FROM held WHERE run.id = held.id
    RETURNING run.id
), there AS (
    INSERT INTO runs_worker AS worker
        (id, name, pool, slots, forked, busy, memory, version, functions, functions_sha256, started_at, seen_at)
    SELECT %(worker)s::uuid, %(name)s, %(pool)s, %(slots)s, %(forked)s, %(busy)s, %(memory)s, %(version)s, %(functions)s,
           %(functions_digest)s, clock_timestamp() - make_interval(secs => %(age)s), clock_timestamp()
    WHERE %(worker)s::uuid IS NOT NULL
    ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at, busy = excluded.busy, memory = excluded.memory, left_at = NULL
)
SELECT id FROM extended
