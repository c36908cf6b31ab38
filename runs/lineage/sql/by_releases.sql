-- The steps of the newest runs of these releases, from the run `after` backwards: whole runs, so many at most. `version`
-- and `function` narrow them to what a part of the release did. A run without such a step comes with none. As in
-- `by_prompt.sql`, BETWEEN and the order name the index.
WITH run AS (
    SELECT found.id
    FROM unnest(%(releases)s::uuid[]) AS release (id) CROSS JOIN LATERAL (
        SELECT run.id FROM runs_run AS run
        WHERE run.release_id BETWEEN release.id AND release.id AND run.id < %(after)s AND run.project_id = ANY(%(projects)s)
        ORDER BY run.release_id, run.id DESC LIMIT %(most)s
    ) AS found
    ORDER BY found.id DESC LIMIT %(most)s
)
SELECT step.id AS step, run.id AS run, step.id IS NOT NULL AS fits
FROM run LEFT JOIN LATERAL (
    SELECT step.id FROM runs_step AS step JOIN runs_run AS whole ON whole.id = step.run_id
    WHERE step.run_id = run.id AND step.state = 'succeeded'
      AND (%(version)s::uuid IS NULL OR whole.version_id = %(version)s)
      AND (%(function)s::text IS NULL OR step.function = %(function)s)
) AS step ON true
ORDER BY run.id DESC, step.id DESC
