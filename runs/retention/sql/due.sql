-- The next runs in their order, and what of their contents is to be removed now: its time is over and nothing keeps it.
WITH next AS (
    SELECT id, finished_at FROM runs_run WHERE id > %(after)s::uuid ORDER BY id LIMIT %(runs)s
), ended AS (
    SELECT id FROM next WHERE finished_at < now() - make_interval(days => %(days)s)
), used AS (
    SELECT artifact_id AS id FROM ended JOIN runs_run_input ON run_id = ended.id
    UNION
    SELECT output_id FROM ended JOIN runs_step ON run_id = ended.id
    UNION
    SELECT edge.artifact_id FROM ended JOIN runs_step AS step ON step.run_id = ended.id
        JOIN runs_edge AS edge ON edge.step_id = step.id
    UNION
    SELECT kept.artifact_id FROM ended JOIN runs_step AS step ON step.run_id = ended.id
        JOIN runs_memory AS kept ON kept.step_id = step.id
    UNION
    SELECT payload_id FROM ended JOIN runs_signal ON run_id = ended.id
    UNION
    SELECT edited_id FROM ended JOIN runs_task ON run_id = ended.id
), due AS MATERIALIZED (
    SELECT artifact.id, artifact.organisation_id, artifact.sha256, artifact.place
    FROM used JOIN runs_artifact AS artifact ON artifact.id = used.id
    WHERE artifact.pruned_by_id IS NULL AND runs_content_kept(artifact.id) = ''
), found AS (
    SELECT due.*, runs_content_class(due.id) AS classification FROM due
)
SELECT (SELECT id FROM next ORDER BY id DESC LIMIT 1) AS last, found.*,
       (SELECT rule.id FROM runs_retention_rule AS rule
        WHERE (rule.organisation_id, rule.classification) = (found.organisation_id, found.classification)
        ORDER BY rule.at DESC, rule.id DESC LIMIT 1) AS rule
FROM (SELECT) AS once LEFT JOIN found ON true ORDER BY found.id
