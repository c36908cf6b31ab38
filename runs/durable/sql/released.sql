-- What a start is decided by: the run that has its idempotency key already, or else the release in effect, with the one
-- value for all that its clearance depends on, and how often it was set in the organisation what is open to what.
SELECT first.id AS first, given.release_id AS release,
       CASE WHEN first.id IS NULL THEN release_fingerprint(given.release_id) END AS fingerprint,
       CASE WHEN first.id IS NULL THEN (SELECT count(*) FROM releases_opening
                                        WHERE organisation_id = %(organisation)s) END AS openings
FROM (SELECT) AS asked
LEFT JOIN LATERAL (
    SELECT id FROM runs_run WHERE project_id = %(project)s AND idempotency_key = %(key)s::text
) AS first ON true
LEFT JOIN LATERAL (
    SELECT release_id FROM releases_activation
    WHERE workflow_id = %(workflow)s AND environment_id = %(environment)s ORDER BY sequence DESC LIMIT 1
) AS given ON true
