-- What has this SHA-256, in these projects, the newest of each kind first: outputs, inputs, releases, and whole runs whose
-- business reference it is. Of versions all are candidates: who may see one is asked of each that is found. BETWEEN and the
-- order name the index, whatever PostgreSQL thinks of how often a content was made.
WITH artifact AS MATERIALIZED (
    SELECT id FROM runs_artifact WHERE sha256 = %(digest)s
)
(SELECT 'output' AS kind, newest.id
 FROM artifact CROSS JOIN LATERAL (
     SELECT step.id FROM runs_step AS step JOIN runs_run AS run ON run.id = step.run_id
     WHERE step.output_id BETWEEN artifact.id AND artifact.id AND run.project_id = ANY(%(projects)s)
     ORDER BY step.output_id, step.id DESC LIMIT %(most)s
 ) AS newest
 ORDER BY newest.id DESC LIMIT %(most)s)
UNION ALL
(SELECT 'input', given.id
 FROM artifact JOIN runs_run_input AS given ON given.artifact_id = artifact.id JOIN runs_run AS run ON run.id = given.run_id
 WHERE run.project_id = ANY(%(projects)s)
 ORDER BY given.id DESC LIMIT %(most)s)
UNION ALL
(SELECT 'version', id FROM catalog_version WHERE digest = %(digest)s ORDER BY id DESC)
UNION ALL
(SELECT 'release', id FROM releases_release
 WHERE digest = %(digest)s AND project_id = ANY(%(projects)s)
 ORDER BY id DESC LIMIT %(most)s)
UNION ALL
(SELECT 'run', id FROM runs_run
 WHERE reference = ANY(%(references)s) AND reference <> '' AND project_id = ANY(%(projects)s) AND parent_id IS NULL
 ORDER BY id DESC LIMIT %(most)s)
