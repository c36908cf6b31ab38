-- The time in effect of a release in its environment that a moment falls into, and what ended it.
WITH begun AS (
    SELECT activation.* FROM releases_activation AS activation
    WHERE activation.release_id = %(release)s AND activation.workflow_id = %(workflow)s
      AND activation.environment_id = %(environment)s AND activation.at <= %(moment)s
    ORDER BY activation.sequence DESC LIMIT 1
)
SELECT begun.at AS begun_at, ended.at AS ended_at, coalesce(ended.kind, '')::text AS ended_kind,
       coalesce(ended.reason, '')::text AS ended_reason, coalesce(ended.actor_name, '')::text AS ended_by,
       following.number AS ended_number
FROM begun
LEFT JOIN releases_activation AS ended
    ON ended.workflow_id = begun.workflow_id AND ended.environment_id = begun.environment_id
   AND ended.sequence = begun.sequence + 1
LEFT JOIN releases_release AS following ON following.id = ended.release_id
WHERE ended.at IS NULL OR ended.at > %(moment)s
