-- The next runs in their order, and their contents that are not announced yet: none of a run that ended lately, or in an
-- organisation that removes nothing.
WITH next AS (
    SELECT id, finished_at, organisation_id FROM runs_run WHERE id > %(after)s::uuid ORDER BY id LIMIT %(runs)s
), ended AS (
    SELECT id FROM next
    WHERE finished_at < now() - make_interval(days => %(days)s) AND organisation_id = ANY(%(ruled)s::uuid[])
), used AS (
    SELECT ended.id AS run, artifact_id AS id FROM ended JOIN runs_run_input ON run_id = ended.id
    UNION
    SELECT ended.id, output_id FROM ended JOIN runs_step ON run_id = ended.id
    UNION
    SELECT ended.id, edge.artifact_id FROM ended JOIN runs_step AS step ON step.run_id = ended.id
        JOIN runs_edge AS edge ON edge.step_id = step.id
    UNION
    SELECT ended.id, kept.artifact_id FROM ended JOIN runs_step AS step ON step.run_id = ended.id
        JOIN runs_memory AS kept ON kept.step_id = step.id
    UNION
    SELECT ended.id, payload_id FROM ended JOIN runs_signal ON run_id = ended.id
    UNION
    SELECT ended.id, edited_id FROM ended JOIN runs_task ON run_id = ended.id
)
SELECT next.id AS run, array_agg(artifact.id ORDER BY artifact.id) FILTER (WHERE artifact.id IS NOT NULL) AS contents
FROM next
LEFT JOIN used ON used.run = next.id
LEFT JOIN runs_artifact AS artifact ON artifact.id = used.id AND artifact.pruned_by_id IS NULL
GROUP BY next.id ORDER BY next.id
