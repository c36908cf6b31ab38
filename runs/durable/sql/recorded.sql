-- What the steps of runs may read: their inputs ($name), and the outputs of the steps that succeeded (node).
SELECT input.run_id, '$' || input.name AS name, artifact.id, artifact.media_type, artifact.sha256, artifact.body, input.classification
FROM runs_run_input AS input JOIN runs_artifact AS artifact ON artifact.id = input.artifact_id
WHERE input.run_id = ANY(%(runs)s::uuid[])
UNION ALL
SELECT step.run_id, step.node, artifact.id, artifact.media_type, artifact.sha256, artifact.body, step.classification
FROM runs_step AS step JOIN runs_artifact AS artifact ON artifact.id = step.output_id
WHERE step.run_id = ANY(%(runs)s::uuid[]) AND step.state = 'succeeded' AND step.compensates IS NULL AND step.item IS NULL
