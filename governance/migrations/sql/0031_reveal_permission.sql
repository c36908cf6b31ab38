-- In a new database there is nobody yet, and Django adds the permission after the migrations.
SELECT ledger_act(id) FROM accounts_user WHERE email = 'set-up@system.invalid';

INSERT INTO auth_permission (content_type_id, codename, name)
SELECT id, 'reveal_contents', 'Reveal confidential and personal contents'
FROM django_content_type WHERE app_label = 'governance' AND model = 'project'
ON CONFLICT DO NOTHING;

INSERT INTO access_project_user_permission (permission_id, content_object_id, user_id)
SELECT DISTINCT permission.id, standing.project_id, standing.person_id
FROM auth_permission permission
JOIN access_grant standing ON standing.revoked_at IS NULL AND standing.role IN ('operator', 'auditor')
WHERE permission.codename = 'reveal_contents' AND standing.person_id IS NOT NULL
ON CONFLICT DO NOTHING;

INSERT INTO access_project_group_permission (permission_id, content_object_id, group_id)
SELECT DISTINCT permission.id, standing.project_id, team.group_id
FROM auth_permission permission
JOIN access_grant standing ON standing.revoked_at IS NULL AND standing.role IN ('operator', 'auditor')
JOIN accounts_team team ON team.id = standing.team_id
WHERE permission.codename = 'reveal_contents'
ON CONFLICT DO NOTHING;
