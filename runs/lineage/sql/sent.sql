-- Of each of these contents that was sent to a model, or came back and was refused: the classes of the steps that did so,
-- and what else those steps read.
SELECT sent.artifact_id AS id, array_agg(DISTINCT step.classification::text) AS levels,
       array_agg(DISTINCT read.artifact_id) FILTER (WHERE read.artifact_id IS NOT NULL) AS read
FROM runs_edge sent
JOIN runs_step step ON step.id = sent.step_id
LEFT JOIN runs_edge read ON read.step_id = sent.step_id AND read.role = 'input'
WHERE sent.artifact_id = ANY (%(contents)s::uuid[]) AND sent.role IN ('prompt', 'answer')
GROUP BY sent.artifact_id
