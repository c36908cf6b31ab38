-- Who owns an organisation stands in accounts_platform_owner, and nowhere else: grants of a role "platform owner" end,
-- each with its event, and with them the permissions that followed from them.
WITH ended AS (
    UPDATE access_grant SET revoked_at = now() WHERE role = 'platform owner' AND revoked_at IS NULL RETURNING *
)
SELECT ledger_record(
    project.organisation_id, 'role.revoked', actor.id, actor.name, 'project', ended.project_id, NULL,
    convert_to(
        '{"grant":"' || ended.id || '","holder":"' || coalesce(ended.person_id, ended.team_id)
        || '","holder_name":' || to_json(coalesce(person.name, team.name))::text
        || ',"reason":"Ownership is no role on a project any more","role":"platform owner"}', 'UTF8'))
FROM ended
JOIN accounts_project project ON project.id = ended.project_id
JOIN accounts_user actor ON actor.email = 'set-up@system.invalid'
LEFT JOIN accounts_user person ON person.id = ended.person_id
LEFT JOIN accounts_team team ON team.id = ended.team_id;

DELETE FROM access_project_user_permission held USING auth_permission permission
WHERE permission.id = held.permission_id AND (permission.codename = 'administer_project' OR NOT EXISTS (
    SELECT FROM access_grant standing WHERE standing.revoked_at IS NULL
    AND standing.project_id = held.content_object_id AND standing.person_id = held.user_id));

DELETE FROM access_project_group_permission held USING auth_permission permission
WHERE permission.id = held.permission_id AND (permission.codename = 'administer_project' OR NOT EXISTS (
    SELECT FROM access_grant standing JOIN accounts_team team ON team.id = standing.team_id
    WHERE standing.revoked_at IS NULL
    AND standing.project_id = held.content_object_id AND team.group_id = held.group_id));
