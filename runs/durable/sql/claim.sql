-- Take the lease of a run that waits for a worker, or whose holder let the lease expire; no row when somebody else has
-- it. Without %(run)s, of the run that is next: among the organisations the one with the fewest runs being executed for
-- its weight, in it the highest priority, a minute of waiting counting as much as a step of priority, and the longest wait.
-- Whoever weighs 3 is executed three at a time where one that weighs 1 is executed one at a time; among those who have
-- their share or less equally often in full, the lot decides, each having as many as it has left of the next share: so
-- they begin in proportion to their weights, however few workers there are.
WITH RECURSIVE heads AS (
    (SELECT organisation_id, priority, ready_at FROM runs_run
     WHERE state IN ('queued', 'ready') AND pool = %(pool)s::text AND %(run)s::uuid IS NULL
     ORDER BY organisation_id, priority, ready_at LIMIT 1)
    UNION ALL
    SELECT following.* FROM heads CROSS JOIN LATERAL (
        SELECT organisation_id, priority, ready_at FROM runs_run
        WHERE state IN ('queued', 'ready') AND pool = %(pool)s::text
          AND (organisation_id, priority) > (heads.organisation_id, heads.priority)
        ORDER BY organisation_id, priority, ready_at LIMIT 1) AS following
), standing AS MATERIALIZED (
    SELECT organisation_id, priority, ready_at,
           (SELECT count(*) FROM runs_run AS busy
            WHERE busy.lease_until IS NOT NULL AND busy.organisation_id = heads.organisation_id) AS busy,
           coalesce((SELECT weight FROM runs_weight WHERE runs_weight.organisation_id = heads.organisation_id), 1) AS weight,
           -- Between 0 and 1, neither of them, and the same for each of the organisation's rows.
           ((hashtextextended(organisation_id::text, %(lot)s) >> 12) + 2251799813685248.5::float8) / 4503599627370496 AS lot
    FROM heads
), fair AS (
    SELECT organisation_id, priority FROM standing
    ORDER BY busy / weight, -ln(lot) / (weight - busy %% weight),
             priority + extract(epoch FROM clock_timestamp() - ready_at) / 60 DESC
), next AS (
    -- What others are claiming at this moment is passed over, so that nobody goes away while there is something left.
    SELECT run.* FROM fair CROSS JOIN LATERAL (
        SELECT id, organisation_id, priority, version_id,
               state = 'queued' AND recoveries = 0 AND parent_id IS NULL AND asked = '' AS fresh FROM runs_run
        WHERE state IN ('queued', 'ready') AND pool = %(pool)s::text
          AND organisation_id = fair.organisation_id AND priority = fair.priority
        ORDER BY ready_at LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED) AS run
    LIMIT 1
), company AS (
    -- Of a version that is soon over, those right behind it come along, if only its organisation's wait: no share is taken
    -- from anybody. Nobody has ever taken up one of them, so none is what another worker has died of. The number stands
    -- here, for of one that is given PostgreSQL supposes a tenth of all that wait.
    SELECT id FROM runs_run
    WHERE id IN (SELECT behind.id FROM next CROSS JOIN LATERAL (
                     SELECT id, version_id FROM runs_run
                     WHERE state IN ('queued', 'ready') AND pool = %(pool)s::text
                       AND organisation_id = next.organisation_id AND priority = next.priority
                     ORDER BY ready_at LIMIT 8) AS behind
                 WHERE next.fresh AND behind.version_id = next.version_id AND behind.id <> next.id
                   AND next.version_id = ANY(%(short)s::uuid[])
                   AND (SELECT count(DISTINCT organisation_id) FROM heads) = 1)
      AND state = 'queued' AND recoveries = 0 AND parent_id IS NULL AND asked = ''
    FOR NO KEY UPDATE SKIP LOCKED
), before AS (
    SELECT id, state, lease_until FROM runs_run WHERE id = coalesce(%(run)s::uuid, (SELECT id FROM next)) FOR NO KEY UPDATE
), taken AS (
    SELECT id, state, lease_until FROM before UNION ALL SELECT id, 'queued', NULL FROM company
), claimed AS (
    UPDATE runs_run AS run
    SET state = CASE WHEN before.state = 'compensating' THEN before.state ELSE 'running' END,
        lease_owner = %(worker)s::text,
        lease_until = clock_timestamp() + make_interval(secs => %(lease)s),
        lease_epoch = run.lease_epoch + 1,
        recoveries = run.recoveries + CASE WHEN before.lease_until IS NULL THEN 0 ELSE 1 END,
        started_at = coalesce(run.started_at, clock_timestamp()),
        -- What it waited for before no worker was capable holds again.
        waits_for = CASE WHEN run.waits_for = 'worker' THEN coalesce(run.set_aside ->> 'for', '') ELSE run.waits_for END,
        waits_since = CASE WHEN run.waits_for = 'worker' THEN (run.set_aside ->> 'since')::timestamptz ELSE run.waits_since END,
        wake_at = CASE WHEN run.waits_for = 'worker' THEN (run.set_aside ->> 'until')::timestamptz ELSE run.wake_at END,
        -- The place that it was told of is kept until it has asked for it, or gone another way.
        asking = CASE WHEN before.state = 'ready' AND run.waits_for = 'limit' AND run.asking <> ''
                      THEN 'kept' || right(run.asking, 36) ELSE '' END
    FROM taken AS before
    WHERE run.id = before.id
      AND (before.state IN ('queued', 'ready')
           OR before.state = 'compensating' AND before.lease_until IS NULL
              AND least(run.wake_at, run.ready_at) <= clock_timestamp()  -- a doubled message does not hasten it
           OR before.state IN ('running', 'compensating') AND before.lease_until < clock_timestamp()
              AND run.recoveries < %(most_recoveries)s)
    RETURNING run.*, before.lease_until IS NOT NULL AS recovered
)
SELECT id, organisation_id, project_id, environment_id, release_id, version_id, state, cursor, position, attempt,
       lease_epoch, recoveries, nudges, asked, pool, parent_id, parent_position, first_item, end_item, overrides,
       memory_snapshot, recalls_from_id, waits_for, waits_since, wake_at, ready_at, deadline_at,
       wake_at <= clock_timestamp() AS due, deadline_at <= clock_timestamp() AS overdue,
       extract(epoch FROM clock_timestamp() - ready_at)::float8 AS waited,
       release_fingerprint(release_id) AS fingerprint,
       -- In the order of the index, or another one is walked to its end when nobody waits.
       EXISTS (SELECT FROM (SELECT id FROM runs_run WHERE state IN ('queued', 'ready') AND pool = %(pool)s::text
                            ORDER BY organisation_id, priority, ready_at LIMIT 9) AS other
               WHERE other.id NOT IN (SELECT id FROM claimed)) AS more,
       ledger_record(
           organisation_id, CASE WHEN recovered THEN 'run.recovered' ELSE 'run.claimed' END,
           %(actor)s, %(actor_name)s, 'run', id, id,
           convert_to(format('{"epoch":%%s,%%s"worker":%%s}', lease_epoch,
                             CASE WHEN recovered THEN format('"node":%%s,', to_json(cursor)) END,
                             to_json(%(worker)s::text)), 'UTF8'))
FROM claimed
