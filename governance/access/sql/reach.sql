-- All that decides what a person reaches now: on which projects they hold what, themselves or by a team; what they own;
-- and where the token that they come with, if it is still good, lets them.
WITH person AS (
    SELECT id FROM accounts_user WHERE id = %(person)s AND is_active
), held AS (
    SELECT own.content_object_id AS project_id, own.permission_id
    FROM person JOIN access_project_user_permission own ON own.user_id = person.id
    UNION ALL
    SELECT team.content_object_id, team.permission_id
    FROM person JOIN accounts_user_groups member ON member.user_id = person.id
    JOIN access_project_group_permission team ON team.group_id = member.group_id
), owned AS (
    SELECT owner.organisation_id FROM person JOIN accounts_platform_owner owner ON owner.user_id = person.id
)
SELECT 'held' AS how, project.id AS project, project.organisation_id AS organisation,
       array_agg(permission.codename::text) AS permissions
FROM held
JOIN accounts_project project ON project.id = held.project_id
JOIN auth_permission permission ON permission.id = held.permission_id
GROUP BY project.id
UNION ALL
SELECT 'owned', project.id, owned.organisation_id, NULL
FROM owned LEFT JOIN accounts_project project ON project.organisation_id = owned.organisation_id
UNION ALL
SELECT 'token', project.id, token.organisation_id, NULL
FROM access_api_token token
LEFT JOIN accounts_project project ON project.organisation_id = token.organisation_id
    AND project.id = coalesce(token.project_id, project.id)
WHERE token.id = %(token)s AND token.person_id = %(person)s
  AND token.revoked_at IS NULL AND token.expires_at > statement_timestamp()
