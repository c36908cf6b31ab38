-- What a person is, and in which organisation: by grants of their own, by teams, and as a platform owner; each once.
SELECT held.role::text AS role, organisation.name::text AS organisation
FROM access_grant AS held
JOIN accounts_project AS project ON project.id = held.project_id
JOIN accounts_organisation AS organisation ON organisation.id = project.organisation_id
WHERE held.revoked_at IS NULL
  AND (held.person_id = %(person)s
       OR held.team_id IN (SELECT team.id FROM accounts_user_groups AS member
                           JOIN accounts_team AS team ON team.group_id = member.group_id
                           WHERE member.user_id = %(person)s))
UNION
SELECT 'platform owner', organisation.name::text
FROM accounts_platform_owner AS owner JOIN accounts_organisation AS organisation ON organisation.id = owner.organisation_id
WHERE owner.user_id = %(person)s
