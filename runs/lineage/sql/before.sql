-- What these steps came directly of, in their own runs and in others: one row for each step with one that came of it.
WITH here AS MATERIALIZED (
    SELECT step.id, step.run_id, step.node, step.position, step.facts, run.parent_id, run.parent_position, run.project_id,
           coalesce(run.recalls_from_id, run.environment_id) AS memory_of
    FROM unnest(%(steps)s::uuid[]) AS named (id)
    JOIN runs_step AS step ON step.id = named.id JOIN runs_run AS run ON run.id = step.run_id
), read AS MATERIALIZED (
    SELECT here.*, edge.source, edge.artifact_id
    FROM here JOIN runs_edge AS edge ON edge.step_id = here.id AND edge.role = 'input'
), found AS (
    SELECT earlier.id AS step, earlier.run_id AS run, read.id AS result, 'read' AS how
    FROM read JOIN runs_step AS earlier
        ON earlier.run_id = read.run_id AND earlier.position < read.position AND earlier.output_id = read.artifact_id
       AND earlier.node = split_part(read.source, '.', 1)
    UNION ALL
    SELECT earlier.id, earlier.run_id, read.id, 'read'
    FROM read JOIN runs_step AS earlier
        ON earlier.run_id = read.parent_id AND earlier.position < read.parent_position
       AND earlier.output_id = read.artifact_id
    UNION ALL
    SELECT earlier.id, earlier.run_id, here.id, 'part'
    FROM here JOIN runs_run AS part ON part.parent_id = here.run_id AND part.parent_position = here.position
    JOIN runs_step AS earlier ON earlier.run_id = part.id
    WHERE part.first_item IS NOT NULL OR earlier.output_id = part.output_id
    UNION ALL
    SELECT earlier.id, earlier.run_id, here.id, 'chosen'
    FROM here JOIN runs_step AS earlier
        ON earlier.run_id = here.run_id AND earlier.position < here.position AND earlier.chosen = here.node
    UNION ALL
    SELECT earlier.id, earlier.run_id, here.id, 'forked'
    FROM here JOIN runs_step AS earlier ON earlier.id = (here.facts ->> 'copied_from')::uuid
    UNION ALL
    SELECT earlier.id, earlier.run_id, read.id, 'remembered'
    FROM read CROSS JOIN LATERAL regexp_match(read.source, '^memory:([^/]*)/(.*)@([0-9]{1,9})$') AS named (part)
    JOIN runs_memory AS said
        ON said.project_id = read.project_id AND said.environment_id = read.memory_of
       AND said.namespace = named.part[1] AND said.key = named.part[2] AND said.number = named.part[3]::integer
    JOIN runs_memory AS entry
        ON entry.project_id = said.project_id AND entry.environment_id = said.environment_id
       AND entry.namespace = said.namespace AND entry.key = said.key AND entry.number <= said.number
       AND entry.artifact_id = said.artifact_id AND (entry.id = said.id OR said.restores_id IS NOT NULL)
    JOIN runs_step AS earlier ON earlier.id = entry.step_id
)
SELECT DISTINCT ON (found.step) found.step, found.run, found.result AS source, found.how
FROM found JOIN runs_step AS step ON step.id = found.step AND step.state = 'succeeded'
ORDER BY found.step, found.result
