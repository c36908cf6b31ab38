SELECT ledger_act(id) FROM accounts_user WHERE email = 'set-up@system.invalid';

DELETE FROM access_project_user_permission held USING auth_permission permission
WHERE permission.id = held.permission_id AND permission.codename = 'reveal_contents';

DELETE FROM access_project_group_permission held USING auth_permission permission
WHERE permission.id = held.permission_id AND permission.codename = 'reveal_contents';
