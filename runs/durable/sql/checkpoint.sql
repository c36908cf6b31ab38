-- One step's end in one statement and one commit: the run moves on only if this worker still holds its lease and the
-- run still stands where the step began; everything else is inserted from that one row. No row: fenced.
WITH moved AS (
    UPDATE runs_run
    SET state = %(state)s::text,
        cursor = %(next)s::text,
        position = position + %(advance)s,
        attempt = CASE WHEN %(advance)s = 1 THEN 1 ELSE attempt END,
        recoveries = CASE WHEN %(advance)s = 1 THEN 0 ELSE recoveries END,
        error = %(error)s::jsonb,
        output_id = %(run_output)s::uuid,
        tokens_in = tokens_in + coalesce(%(tokens_in)s::bigint, 0),
        tokens_out = tokens_out + coalesce(%(tokens_out)s::bigint, 0),
        cost = cost + coalesce(%(cost)s::numeric, 0),
        priced = priced AND %(priced)s,
        finished_at = CASE WHEN %(state)s::text = 'running' THEN NULL ELSE clock_timestamp() END,
        lease_owner = CASE WHEN %(state)s::text = 'running' THEN lease_owner ELSE '' END,
        lease_until = CASE WHEN %(state)s::text = 'running' THEN clock_timestamp() + make_interval(secs => %(lease)s) END
    WHERE id = %(run)s AND lease_epoch = %(epoch)s AND position = %(position)s AND cursor = %(node)s::text
      AND state = 'running'
    RETURNING id, organisation_id
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
), step AS (
    INSERT INTO runs_step
        (id, run_id, node, kind, position, attempt, state, function, prompt_version_id, model_version_id, output_id,
         classification, chosen, facts, error, tokens_in, tokens_out, cost, started_at, finished_at, latency_ms)
    SELECT %(step)s, moved.id, %(node)s::text, %(kind)s::text, %(position)s, %(attempt)s, %(step_state)s::text, %(function)s::text,
           %(prompt_version)s::uuid, %(model_version)s::uuid, %(output)s::uuid, %(classification)s::text, %(chosen)s::text,
           %(facts)s::jsonb, %(error)s::jsonb, %(tokens_in)s::integer, %(tokens_out)s::integer, %(cost)s::numeric,
           clock_timestamp() - make_interval(secs => %(seconds)s), clock_timestamp(),
           (%(seconds)s * 1000)::integer
    FROM moved
), edges AS (
    INSERT INTO runs_edge (id, step_id, role, name, source, artifact_id)
    SELECT item.id, %(step)s, item.role, item.name, item.source, item.artifact
    FROM moved, unnest(%(edge_ids)s::uuid[], %(roles)s::text[], %(names)s::text[], %(sources)s::text[],
                       %(edge_artifacts)s::uuid[]) AS item (id, role, name, source, artifact)
)
SELECT ledger_record(organisation_id, 'step.' || %(step_state)s::text, %(actor)s, %(actor_name)s, 'step', %(step)s, id,
                     %(step_details)s),
       CASE WHEN %(state)s::text <> 'running' THEN
           ledger_record(organisation_id, 'run.' || %(state)s::text, %(actor)s, %(actor_name)s, 'run', id, id,
                         %(run_details)s)
       END
FROM moved
