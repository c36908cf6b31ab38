-- The newest steps that read a version of a remembered value, or one that restored it, from `after` backwards.
WITH RECURSIVE said AS (
    SELECT entry.* FROM runs_memory AS entry WHERE entry.id = %(entry)s
    UNION
    SELECT later.* FROM said JOIN runs_memory AS later
        ON later.project_id = said.project_id AND later.environment_id = said.environment_id
       AND later.namespace = said.namespace AND later.key = said.key AND later.restores_id = said.id
), reading AS (
    SELECT edge.step_id,
           bool_or(edge.source IN (SELECT 'memory:' || namespace || '/' || key || '@' || number FROM said)) AS named
    FROM runs_edge AS edge
    WHERE edge.artifact_id = (SELECT artifact_id FROM runs_memory WHERE id = %(entry)s) AND edge.role = 'input'
      AND edge.step_id < %(after)s
    GROUP BY edge.step_id
    ORDER BY edge.step_id DESC LIMIT %(most)s
)
SELECT step.id AS step, step.run_id AS run,
       reading.named AND step.state = 'succeeded' AND run.project_id = entry.project_id
       AND coalesce(run.recalls_from_id, run.environment_id) = entry.environment_id
       AND run.project_id = ANY(%(projects)s) AS fits
FROM reading JOIN runs_step AS step ON step.id = reading.step_id JOIN runs_run AS run ON run.id = step.run_id
JOIN runs_memory AS entry ON entry.id = %(entry)s
ORDER BY step.id DESC
