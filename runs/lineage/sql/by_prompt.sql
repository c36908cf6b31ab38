-- The newest steps that a prompt version made, from `after` backwards. BETWEEN and the order name the index: of a version
-- whose share is not known PostgreSQL would rather go through all steps backwards until it has met enough of its own.
SELECT step.id AS step, step.run_id AS run, true AS fits
FROM runs_step AS step JOIN runs_run AS run ON run.id = step.run_id
WHERE step.prompt_version_id BETWEEN %(version)s AND %(version)s AND step.id < %(after)s AND step.state = 'succeeded'
  AND run.project_id = ANY(%(projects)s)
ORDER BY step.prompt_version_id, step.id DESC LIMIT %(most)s
