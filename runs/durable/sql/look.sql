-- Whether there is anything for the sweeper to do: one look, each part by its index.
SELECT EXISTS (SELECT FROM runs_run WHERE lease_until < clock_timestamp()) AS expired,
       EXISTS (SELECT FROM runs_run WHERE wake_at <= clock_timestamp() AND wake_at IS NOT NULL
                  AND state IN ('waiting', 'compensating') AND lease_until IS NULL) AS due,
       EXISTS (SELECT FROM runs_run WHERE deadline_at <= clock_timestamp() AND deadline_at IS NOT NULL
                  AND finished_at IS NULL AND lease_until IS NULL AND state IN ('waiting', 'paused')
                  AND NOT (state = 'waiting' AND waits_for = 'parts' AND coalesce((
                      SELECT bool_and(part.asked = 'cancel' OR part.state = 'compensating') FROM runs_run AS part
                      WHERE part.parent_id = runs_run.id AND part.state IN
                            ('queued', 'running', 'waiting', 'ready', 'paused', 'needs_review', 'compensating')), false))
                  AND NOT (state = 'waiting' AND waits_for = 'worker' AND wake_at > clock_timestamp())) AS overdue,
       (SELECT array_agg(pool) FROM unnest('{io,cpu}'::text[]) AS pool
        WHERE EXISTS (SELECT FROM runs_run WHERE state IN ('queued', 'ready') AND runs_run.pool = pool.pool
                         AND ready_at < clock_timestamp() - make_interval(secs => %(patience)s))) AS unseen
