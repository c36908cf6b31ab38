-- The newest steps that these model versions made, from `after` backwards: of each version so many, then of all. As in
-- `by_prompt.sql`, BETWEEN and the order name the index.
SELECT found.id AS step, found.run_id AS run, true AS fits
FROM unnest(%(versions)s::uuid[]) AS version (id) CROSS JOIN LATERAL (
    SELECT step.id, step.run_id
    FROM runs_step AS step JOIN runs_run AS run ON run.id = step.run_id
    WHERE step.model_version_id BETWEEN version.id AND version.id AND step.id < %(after)s AND step.state = 'succeeded'
      AND run.project_id = ANY(%(projects)s)
    ORDER BY step.model_version_id, step.id DESC LIMIT %(most)s
) AS found
ORDER BY found.id DESC LIMIT %(most)s
