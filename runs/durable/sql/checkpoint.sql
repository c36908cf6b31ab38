-- Where runs go from here, and the steps that were executed on the way, in one statement and one commit: a run moves only
-- if this worker still holds its lease and the run still stands where the worker took it up; everything else is inserted
-- from the rows that moved. A run falls asleep only if nothing came from outside since the worker looked, and not while an
-- operator asks something of it, unless its parts are to end before. No row: the worker lost the run, or must look again.
-- What no index names is changed in place; the lease is the heartbeat's.
WITH moved AS (
    UPDATE runs_run AS run
    SET state = CASE WHEN move.state = 'waiting' AND run.asked <> '' AND move.waits_for <> 'parts' THEN 'ready'
                     ELSE move.state END,
        cursor = move.cursor,
        position = run.position + move.advance,
        attempt = move.next_attempt,
        recoveries = CASE WHEN move.advance > 0 THEN 0 ELSE run.recoveries END,
        -- Why it is to be cancelled stands there, and stays until it is.
        error = CASE WHEN run.asked = 'cancel' AND run.error IS NOT NULL AND move.state IN ('running', 'ready', 'waiting')
                     THEN run.error
                     ELSE coalesce(move.error, CASE WHEN run.asked = 'cancel' OR run.state = 'compensating' THEN run.error END)
                END,
        output_id = coalesce(move.output, run.output_id),
        tokens_in = run.tokens_in + move.tokens_in,
        tokens_out = run.tokens_out + move.tokens_out,
        cost = run.cost + move.cost,
        priced = run.priced AND move.priced,
        pool = move.pool,
        ready_at = CASE WHEN move.state = 'ready' AND move.advance > 0 THEN clock_timestamp()
                        WHEN move.state = 'compensating' AND move.wake_in IS NOT NULL
                        THEN clock_timestamp() + make_interval(secs => move.wake_in)
                        ELSE run.ready_at END,
        waits_for = CASE WHEN move.advance > 0 OR move.waits_for <> '' OR move.ended OR move.held AND move.state = 'compensating'
                         THEN move.waits_for ELSE run.waits_for END,
        waits_since = CASE WHEN move.waits_for <> ''
                           THEN CASE WHEN run.waits_for = move.waits_for AND move.advance = 0 AND move.waits_for <> 'retry'
                                     THEN coalesce(run.waits_since, clock_timestamp()) ELSE clock_timestamp() END
                           WHEN move.advance = 0 THEN run.waits_since END,
        wake_at = CASE WHEN move.wake_in IS NOT NULL THEN clock_timestamp() + make_interval(secs => move.wake_in)
                       WHEN move.wake_at IS NOT NULL THEN move.wake_at
                       WHEN move.waits_for = '' AND move.advance = 0 AND move.state IN ('ready', 'paused') THEN run.wake_at
                  END,
        asked = CASE WHEN move.state IN ('running', 'ready', 'waiting', 'needs_review') THEN run.asked ELSE '' END,
        asking = '',
        finished_at = CASE WHEN move.ended THEN clock_timestamp() END,
        lease_owner = CASE WHEN move.held THEN run.lease_owner ELSE '' END,
        lease_until = CASE WHEN move.held THEN run.lease_until END
    FROM json_to_recordset(%(moves)s::json) AS move (
        run uuid, epoch integer, position integer, nudges integer, state text, cursor text, advance integer,
        next_attempt integer, error jsonb, output uuid, tokens_in integer, tokens_out integer, cost numeric, priced boolean,
        pool text, waits_for text, wake_in float8, wake_at timestamptz, ended boolean, held boolean, event text, about text)
    WHERE run.id = move.run AND run.lease_epoch = move.epoch AND run.position = move.position
      AND run.lease_until IS NOT NULL AND run.state IN ('running', 'compensating')
      AND (move.nudges IS NULL OR run.nudges = move.nudges)
    RETURNING run.id, run.organisation_id, run.parent_id, run.asked, run.nudges,
              run.deadline_at <= clock_timestamp() AS overdue, move.ended, move.event, move.about
), artifacts AS (
    INSERT INTO runs_artifact (id, organisation_id, sha256, media_type, size, body, created_at)
    SELECT item.id, moved.organisation_id, item.sha256, item.media_type, length(item.body), item.body, clock_timestamp()
    FROM moved JOIN unnest(%(made_by)s::uuid[], %(artifact_ids)s::uuid[], %(digests)s::text[], %(media_types)s::text[],
                           %(bodies)s::bytea[]) AS item (run, id, sha256, media_type, body) ON item.run = moved.id
    ORDER BY item.id  -- as everybody does, or two who write the same contents wait for each other
    ON CONFLICT DO NOTHING
), again AS (  -- what was removed, or is to be, is made again
    UPDATE runs_artifact AS pruned
    SET body = CASE WHEN pruned_at IS NULL THEN pruned.body ELSE made.body END, pruned_by_id = NULL, pruned_at = NULL
    FROM (SELECT artifact.id, made.body
          FROM moved JOIN unnest(%(made_by)s::uuid[], %(artifact_ids)s::uuid[], %(bodies)s::bytea[]) AS made (run, id, body)
               ON made.run = moved.id
               JOIN runs_artifact AS artifact ON artifact.id = made.id AND artifact.pruned_by_id IS NOT NULL
          ORDER BY artifact.id FOR NO KEY UPDATE OF artifact) AS made  -- in the order that everybody locks them in
    WHERE pruned.id = made.id AND pruned_by_id IS NOT NULL
), words AS (
    INSERT INTO runs_artifact_text (artifact_id, vector)
    SELECT item.id, item.vector::tsvector
    FROM moved JOIN unnest(%(said_by)s::uuid[], %(text_ids)s::uuid[], %(vectors)s::text[]) AS item (run, id, vector)
         ON item.run = moved.id
    ORDER BY item.id
    ON CONFLICT DO NOTHING
), told AS (
    SELECT step.*
    FROM moved JOIN json_to_recordset(%(steps)s::json) AS step (
        run uuid, id uuid, node text, kind text, position integer, attempt integer, item integer, compensates integer,
        state text, function text, prompt_version uuid, model_version uuid, output uuid, classification text, chosen text,
        facts jsonb, error jsonb, tokens_in integer, tokens_out integer, cost numeric, seconds float8, ago float8,
        details text) ON step.run = moved.id
), steps AS (
    INSERT INTO runs_step
        (id, run_id, node, kind, position, attempt, item, compensates, state, function, prompt_version_id, model_version_id,
         output_id, classification, chosen, facts, error, tokens_in, tokens_out, cost, started_at, finished_at, latency_ms)
    SELECT id, run, node, kind, position, attempt, item, compensates, state, function, prompt_version, model_version,
           output, classification, chosen, facts, error, tokens_in, tokens_out, cost,
           clock_timestamp() - make_interval(secs => seconds + ago), clock_timestamp() - make_interval(secs => ago),
           (seconds * 1000)::integer
    FROM told
), edges AS (
    INSERT INTO runs_edge (id, step_id, role, name, source, artifact_id)
    SELECT item.id, item.step, item.role, item.name, item.source, item.artifact
    FROM moved JOIN json_to_recordset(%(edges)s::json)
        AS item (run uuid, id uuid, step uuid, role text, name text, source text, artifact uuid) ON item.run = moved.id
)
SELECT id, asked, nudges, overdue,
       (SELECT ledger_record_run(
                   moved.organisation_id, %(actor)s, %(actor_name)s, moved.id,
                   array_agg(kind ORDER BY place), array_agg(about ORDER BY place), array_agg(event.id ORDER BY place),
                   array_agg(details ORDER BY place))
        FROM (SELECT 'step.' || state AS kind, 'step' AS about, id, details, position AS place
              FROM told WHERE told.run = moved.id
              UNION ALL
              SELECT moved.event, 'run', moved.id, moved.about, NULL WHERE moved.event <> '') AS event) AS events,
       CASE WHEN ended AND parent_id IS NOT NULL THEN runs_part_ended(parent_id) END AS whole_undoes
FROM moved
