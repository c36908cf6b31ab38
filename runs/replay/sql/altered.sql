-- Of all that a run's steps made, sent and were answered, what has another digest now than was recorded. The contents are
-- looked up one by one (and those that the database does not hold are left to the caller): a plan that hashed first and asked later would read everybody's.
WITH used AS MATERIALIZED (
    SELECT output_id AS id FROM runs_step WHERE run_id = %(run)s AND output_id IS NOT NULL
    UNION
    SELECT edge.artifact_id FROM runs_step AS step JOIN runs_edge AS edge ON edge.step_id = step.id
    WHERE step.run_id = %(run)s
)
SELECT id FROM used
WHERE (SELECT body IS NULL OR encode(sha256(body), 'hex') <> sha256 FROM runs_artifact AS artifact WHERE artifact.id = used.id)
