-- A run with all that it starts with, in one statement and one commit. No row: its idempotency key is taken.
WITH run AS (
    INSERT INTO runs_run
        (id, organisation_id, project_id, workflow_id, version_id, release_id, environment_id, closure_digest, approvals,
         reference, idempotency_key, request_digest, origin, started_by_id, started_by_name, priority,
         deadline_at, pool, state, cursor, position, attempt, tokens_in, tokens_out, cost, priced, created_at, lease_owner,
         lease_epoch, recoveries)
    VALUES
        (%(id)s, %(organisation_id)s, %(project_id)s, %(workflow_id)s, %(version_id)s, %(release_id)s, %(environment_id)s,
         %(closure_digest)s::text, %(approvals)s::jsonb, %(reference)s::text, %(idempotency_key)s::text,
         %(request_digest)s::text, %(origin)s::text, %(started_by_id)s, %(started_by_name)s::text, %(priority)s,
         clock_timestamp() + make_interval(secs => %(deadline_s)s::float8), %(pool)s::text, 'queued', %(cursor)s::text, 0, 1,
         0, 0, 0, true, clock_timestamp(), '', 0, 0)
    ON CONFLICT (project_id, idempotency_key) DO NOTHING
    RETURNING id, organisation_id, created_at
), contents AS (
    SELECT item.*, (%(bodies)s::bytea[])[item.body] AS bytes
    FROM run, json_to_recordset(%(contents)s::json)
        AS item (id uuid, sha256 text, media_type text, body integer, vector text)
), artifacts AS (
    INSERT INTO runs_artifact (id, organisation_id, sha256, media_type, size, body, created_at)
    SELECT contents.id, run.organisation_id, sha256, media_type, length(bytes), bytes, run.created_at FROM run, contents
    ON CONFLICT DO NOTHING
), again AS (  -- what was removed, or is to be, is used again
    UPDATE runs_artifact AS pruned
    SET body = CASE WHEN pruned_at IS NULL THEN pruned.body ELSE bytes END, pruned_by_id = NULL, pruned_at = NULL
    FROM (SELECT artifact.id, contents.bytes
          FROM contents JOIN runs_artifact AS artifact ON artifact.id = contents.id AND artifact.pruned_by_id IS NOT NULL
          ORDER BY artifact.id FOR NO KEY UPDATE OF artifact) AS made  -- in the order that everybody locks them in
    WHERE pruned.id = made.id AND pruned_by_id IS NOT NULL
), words AS (
    INSERT INTO runs_artifact_text (artifact_id, vector)
    SELECT id, vector::tsvector FROM contents WHERE vector IS NOT NULL
    ON CONFLICT DO NOTHING
), given AS (
    INSERT INTO runs_run_input (id, run_id, name, filename, artifact_id, classification)
    SELECT item.id, run.id, item.name, item.filename, item.artifact, item.classification
    FROM run, json_to_recordset(%(inputs)s::json)
        AS item (id uuid, name text, filename text, artifact uuid, classification text)
    RETURNING id
)
-- Once the start is recorded nothing more is given to the run, so all its inputs are inserted before.
SELECT run.created_at,
       ledger_record(run.organisation_id, %(event)s::text, %(started_by_id)s, %(started_by_name)s::text, 'run', run.id,
                     run.id, %(details)s)
FROM run, (SELECT count(*) FROM given) AS inputs
