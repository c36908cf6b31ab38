-- Which of these contents are to be removed now: their time is over and nothing keeps them.
WITH due AS MATERIALIZED (
    SELECT artifact.id, artifact.organisation_id, artifact.sha256, artifact.place
    FROM runs_artifact AS artifact
    WHERE artifact.id = ANY(%(contents)s::uuid[]) AND artifact.pruned_by_id IS NULL AND runs_content_kept(artifact.id) = ''
), found AS (
    SELECT due.*, runs_content_class(due.id) AS classification FROM due
)
SELECT found.*,
       (SELECT rule.id FROM runs_retention_rule AS rule
        WHERE (rule.organisation_id, rule.classification) = (found.organisation_id, found.classification)
        ORDER BY rule.at DESC, rule.id DESC LIMIT 1) AS rule
FROM found ORDER BY found.id
