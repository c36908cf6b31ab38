-- The time in effect of a release in its environment that a moment falls into, what ended it,
-- and the next time that the release was put into effect there.
WITH begun AS (
    SELECT activation.* FROM releases_activation AS activation
    WHERE activation.release_id = %(release)s AND activation.workflow_id = %(workflow)s
      AND activation.environment_id = %(environment)s AND activation.at <= %(moment)s
    ORDER BY activation.sequence DESC LIMIT 1
)
SELECT begun.at AS begun_at, ended.at AS ended_at, coalesce(ended.kind, '')::text AS ended_kind,
       coalesce(ended.reason, '')::text AS ended_reason, coalesce(ended.actor_name, '')::text AS ended_by,
       following.number AS ended_number, again.at AS again_at, over.at AS again_until,
       coalesce(again.actor_name, '')::text AS again_by, coalesce(again.reason, '')::text AS again_reason
FROM begun
LEFT JOIN releases_activation AS ended
    ON ended.workflow_id = begun.workflow_id AND ended.environment_id = begun.environment_id
   AND ended.sequence = begun.sequence + 1
LEFT JOIN releases_release AS following ON following.id = ended.release_id
LEFT JOIN LATERAL (
    SELECT later.* FROM releases_activation AS later
    WHERE later.release_id = %(release)s AND later.workflow_id = ended.workflow_id
      AND later.environment_id = ended.environment_id AND later.sequence > ended.sequence
    ORDER BY later.sequence LIMIT 1
) AS again ON true
LEFT JOIN releases_activation AS over
    ON over.workflow_id = again.workflow_id AND over.environment_id = again.environment_id
   AND over.sequence = again.sequence + 1
WHERE ended.at IS NULL OR ended.at > %(moment)s
