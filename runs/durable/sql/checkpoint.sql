-- Where a run goes from here, and the steps that were executed on the way, in one statement and one commit: the run moves
-- only if this worker still holds its lease and the run still stands where the worker took it up; everything else is
-- inserted from that one row. A run falls asleep only if nothing came from outside since the worker looked, and not while
-- an operator asks something of it, unless its parts are to end before. No row: the worker lost the run, or must look
-- again. What no index names is changed in place; the lease is the heartbeat's.
WITH moved AS (
    UPDATE runs_run
    SET state = CASE WHEN %(state)s::text = 'waiting' AND asked <> '' AND %(waits_for)s::text <> 'parts' THEN 'ready'
                     ELSE %(state)s::text END,
        cursor = %(cursor)s::text,
        position = position + %(advance)s,
        attempt = %(next_attempt)s,
        recoveries = CASE WHEN %(advance)s > 0 THEN 0 ELSE recoveries END,
        -- Why it is to be cancelled stands there, and stays until it is.
        error = CASE WHEN asked = 'cancel' AND error IS NOT NULL AND %(state)s::text IN ('running', 'ready', 'waiting') THEN error
                     ELSE coalesce(%(error)s::jsonb, CASE WHEN asked = 'cancel' OR state = 'compensating' THEN error END) END,
        output_id = coalesce(%(run_output)s::uuid, output_id),
        tokens_in = tokens_in + %(tokens_in)s,
        tokens_out = tokens_out + %(tokens_out)s,
        cost = cost + %(cost)s,
        priced = priced AND %(priced)s,
        pool = %(pool)s::text,
        ready_at = CASE WHEN %(state)s::text = 'ready' AND %(advance)s > 0 THEN clock_timestamp()
                        WHEN %(state)s::text = 'compensating' AND %(wake_in)s::float8 IS NOT NULL
                        THEN clock_timestamp() + make_interval(secs => %(wake_in)s::float8)
                        ELSE ready_at END,
        waits_for = CASE WHEN %(advance)s > 0 OR %(waits_for)s::text <> '' OR %(ended)s THEN %(waits_for)s::text ELSE waits_for END,
        waits_since = CASE WHEN %(waits_for)s::text <> ''
                           THEN CASE WHEN waits_for = %(waits_for)s::text AND %(advance)s = 0 AND %(waits_for)s::text <> 'retry'
                                     THEN coalesce(waits_since, clock_timestamp()) ELSE clock_timestamp() END
                           WHEN %(advance)s = 0 THEN waits_since END,
        wake_at = CASE WHEN %(wake_in)s::float8 IS NOT NULL THEN clock_timestamp() + make_interval(secs => %(wake_in)s::float8)
                       WHEN %(wake_at)s::timestamptz IS NOT NULL THEN %(wake_at)s::timestamptz
                       WHEN %(waits_for)s::text = '' AND %(advance)s = 0 AND %(state)s::text IN ('ready', 'paused') THEN wake_at
                  END,
        asked = CASE WHEN %(state)s::text IN ('running', 'ready', 'waiting', 'needs_review') THEN asked ELSE '' END,
        asking = '',
        finished_at = CASE WHEN %(ended)s THEN clock_timestamp() END,
        lease_owner = CASE WHEN %(held)s THEN lease_owner ELSE '' END,
        lease_until = CASE WHEN %(held)s THEN lease_until END
    WHERE id = %(run)s AND lease_epoch = %(epoch)s AND position = %(position)s AND lease_until IS NOT NULL
      AND state IN ('running', 'compensating')
      AND (%(nudges)s::integer IS NULL OR nudges = %(nudges)s::integer)
    RETURNING id, organisation_id, parent_id, asked, nudges, deadline_at <= clock_timestamp() AS overdue
), artifacts AS (
    INSERT INTO runs_artifact (id, organisation_id, sha256, media_type, size, body, created_at)
    SELECT item.id, moved.organisation_id, item.sha256, item.media_type, length(item.body), item.body, clock_timestamp()
    FROM moved, unnest(%(artifact_ids)s::uuid[], %(digests)s::text[], %(media_types)s::text[], %(bodies)s::bytea[])
        AS item (id, sha256, media_type, body)
    ON CONFLICT DO NOTHING
), words AS (
    INSERT INTO runs_artifact_text (artifact_id, vector)
    SELECT item.id, item.vector::tsvector
    FROM moved, unnest(%(text_ids)s::uuid[], %(vectors)s::text[]) AS item (id, vector)
    ON CONFLICT DO NOTHING
), told AS (
    SELECT moved.id AS run, step.*
    FROM moved, json_to_recordset(%(steps)s::json) AS step (
        id uuid, node text, kind text, position integer, attempt integer, item integer, compensates integer, state text,
        function text, prompt_version uuid, model_version uuid, output uuid, classification text, chosen text, facts jsonb,
        error jsonb, tokens_in integer, tokens_out integer, cost numeric, seconds float8, ago float8, details text)
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
    FROM moved, json_to_recordset(%(edges)s::json)
        AS item (id uuid, step uuid, role text, name text, source text, artifact uuid)
)
SELECT asked, nudges, overdue,
       (SELECT ledger_record_run(
                   moved.organisation_id, %(actor)s, %(actor_name)s, moved.id,
                   array_agg(kind), array_agg(about), array_agg(event.id), array_agg(details))
        FROM (SELECT 'step.' || state AS kind, 'step' AS about, id, details FROM told
              UNION ALL
              SELECT %(event)s::text, 'run', moved.id, convert_from(%(event_details)s, 'UTF8')
              WHERE %(event)s::text <> '') AS event) AS events,
       CASE WHEN %(ended)s AND parent_id IS NOT NULL THEN runs_part_ended(parent_id) END AS whole_undoes
FROM moved
