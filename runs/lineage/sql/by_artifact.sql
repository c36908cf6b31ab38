-- The newest steps that read these contents, from `after` backwards; those that do not fit are looked past, not counted.
WITH reading AS (
    SELECT DISTINCT found.step_id
    FROM unnest(%(artifacts)s::uuid[]) AS artifact (id) CROSS JOIN LATERAL (
        SELECT DISTINCT edge.step_id FROM runs_edge AS edge
        WHERE edge.artifact_id = artifact.id AND edge.role = 'input' AND edge.step_id < %(after)s
        ORDER BY edge.step_id DESC LIMIT %(most)s
    ) AS found
    ORDER BY found.step_id DESC LIMIT %(most)s
)
SELECT step.id AS step, step.run_id AS run,
       step.state = 'succeeded' AND run.project_id = ANY(%(projects)s) AS fits
FROM reading JOIN runs_step AS step ON step.id = reading.step_id JOIN runs_run AS run ON run.id = step.run_id
ORDER BY step.id DESC
