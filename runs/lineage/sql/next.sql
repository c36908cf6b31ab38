-- What came directly of these steps: one row for each step that it came to, with one of those it came from, and how.
WITH here AS MATERIALIZED (
    SELECT step.id, step.run_id, step.position, step.output_id, step.chosen, run.parent_id, run.parent_position
    FROM unnest(%(steps)s::uuid[]) AS named (id)
    JOIN runs_step AS step ON step.id = named.id JOIN runs_run AS run ON run.id = step.run_id
), found AS (
    -- A later step of its run read what it made.
    SELECT later.id AS step, later.run_id AS run, here.id AS source, 'read' AS how
    FROM here JOIN runs_step AS later ON later.run_id = here.run_id AND later.position > here.position
    WHERE EXISTS (SELECT FROM runs_edge AS edge
                  WHERE edge.step_id = later.id AND edge.role = 'input' AND edge.artifact_id = here.output_id)
    UNION ALL
    -- A part of its run, begun later, did.
    SELECT later.id, later.run_id, here.id, 'read'
    FROM here JOIN runs_run AS part ON part.parent_id = here.run_id AND part.parent_position > here.position
    JOIN runs_step AS later ON later.run_id = part.id
    WHERE EXISTS (SELECT FROM runs_edge AS edge
                  WHERE edge.step_id = later.id AND edge.role = 'input' AND edge.artifact_id = here.output_id)
    UNION ALL
    -- The step of the whole that it was executed for.
    SELECT later.id, later.run_id, here.id, 'part'
    FROM here JOIN runs_step AS later ON later.run_id = here.parent_id AND later.position = here.parent_position
    UNION ALL
    -- It is a branch, which chose the way on.
    SELECT later.id, later.run_id, here.id, 'chosen'
    FROM here JOIN runs_step AS later
        ON later.run_id = here.run_id AND later.position > here.position AND later.node = here.chosen
    WHERE here.chosen <> ''
    UNION ALL
    -- A fork took it over.
    SELECT later.id, later.run_id, here.id, 'forked'
    FROM here JOIN runs_run AS fork ON fork.source_id = here.run_id
    JOIN runs_step AS later ON later.run_id = fork.id AND later.facts ->> 'copied_from' = here.id::text
    UNION ALL
    -- It left something in memory, be it restored later, and a run read it there.
    SELECT later.id, later.run_id, here.id, 'remembered'
    FROM here JOIN runs_memory AS entry ON entry.step_id = here.id
    {remembered}
)
SELECT DISTINCT ON (found.step) found.step, found.run, found.source, found.how
FROM found JOIN runs_step AS step ON step.id = found.step AND step.state = 'succeeded'
ORDER BY found.step, found.source
