-- Where an output went on from, and where the same bytes came up without it: the newest few edges of each, in these
-- projects. Whatever read it is found, in its run, in a part, from memory; of the bytes elsewhere only the newest `looked`
-- steps in each role are looked at.
WITH here AS MATERIALIZED (
    SELECT step.id, step.run_id, step.node, step.position, step.output_id, artifact.organisation_id, artifact.sha256
    FROM runs_step AS step JOIN runs_artifact AS artifact ON artifact.id = step.output_id
    WHERE step.id = %(step)s
), copy AS MATERIALIZED (
    SELECT artifact.id
    FROM here JOIN runs_artifact AS artifact
        ON artifact.sha256 = here.sha256 AND artifact.organisation_id = here.organisation_id
), onward AS (
    -- Its own run.
    (SELECT edge.id, edge.step_id
     FROM here JOIN runs_step AS later ON later.run_id = here.run_id AND later.id <> here.id
     JOIN runs_edge AS edge ON edge.step_id = later.id AND edge.role = 'input' AND edge.artifact_id IN (SELECT id FROM copy)
     WHERE later.position > here.position AND edge.artifact_id = here.output_id
        OR split_part(edge.source, '.', 1) = here.node
     ORDER BY edge.step_id DESC LIMIT %(most)s)
    UNION
    -- A part of its run, begun later: any of them, since a map may have thousands.
    (SELECT edge.id, edge.step_id
     FROM here JOIN runs_run AS part ON part.parent_id = here.run_id AND part.parent_position > here.position
     JOIN runs_step AS later ON later.run_id = part.id
     JOIN runs_edge AS edge ON edge.step_id = later.id AND edge.role = 'input' AND edge.artifact_id = here.output_id
     LIMIT %(most)s)
    UNION
    -- It left something in memory, be it restored later, and a run read it there.
    (SELECT edge.id, edge.step_id
     FROM here JOIN runs_memory AS entry ON entry.step_id = here.id
     {remembered}
     ORDER BY edge.step_id DESC LIMIT %(most)s)
), elsewhere AS (
    SELECT newest.id, newest.step_id
    FROM copy CROSS JOIN unnest(ARRAY['input', 'prompt', 'output', 'answer']) AS role (name) CROSS JOIN LATERAL (
        SELECT edge.id, edge.step_id FROM runs_edge AS edge
        WHERE edge.artifact_id = copy.id AND edge.role = role.name
        ORDER BY edge.step_id DESC LIMIT %(looked)s
    ) AS newest
    WHERE newest.step_id <> %(step)s AND newest.id NOT IN (SELECT id FROM onward)
), found AS (
    SELECT id, step_id, true AS used FROM onward UNION ALL SELECT id, step_id, false FROM elsewhere
), numbered AS (
    SELECT found.id, found.used,
           row_number() OVER (PARTITION BY found.used ORDER BY found.step_id DESC, found.id DESC) AS number
    FROM found JOIN runs_step AS step ON step.id = found.step_id JOIN runs_run AS run ON run.id = step.run_id
    WHERE run.project_id = ANY(%(projects)s)
)
SELECT id, used FROM numbered WHERE number <= %(most)s ORDER BY used, number
