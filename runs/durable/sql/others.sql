-- Whether another run than this one waits in the pool, and whether one does that was made before it. In the order of the
-- index, or PostgreSQL may take another one, which it would have to walk to its end when nobody waits.
SELECT count(*) FILTER (WHERE waiting.id IS DISTINCT FROM %(run)s::uuid) > 0 AS any,
       coalesce(bool_or(waiting.id < %(run)s::uuid), false) AS earlier
FROM (
    SELECT id FROM runs_run WHERE state IN ('queued', 'ready') AND pool = %(pool)s::text
    ORDER BY organisation_id, priority, ready_at LIMIT 2
) AS waiting
