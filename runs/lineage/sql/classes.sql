-- Of each of these contents the most protected class in which a run was started with it or a step made it; NULL where
-- neither happened. The indexes have the class, so that a content of a hundred thousand runs is looked up like any other.
SELECT wanted.id, level.name AS level
FROM unnest(%(contents)s::uuid[]) AS wanted (id)
LEFT JOIN LATERAL (
    SELECT level.name
    FROM unnest(ARRAY['personal', 'confidential', 'internal', 'public']) WITH ORDINALITY AS level (name, rank)
    WHERE EXISTS (SELECT FROM runs_run_input given WHERE given.artifact_id = wanted.id AND given.classification = level.name)
       OR EXISTS (SELECT FROM runs_step made WHERE made.output_id = wanted.id AND made.classification = level.name)
    ORDER BY level.rank LIMIT 1
) AS level ON true
