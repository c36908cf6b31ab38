DO $$
DECLARE
    governed regclass;
    alone text[] := ARRAY[
        'accounts_user', 'accounts_user_groups', 'accounts_user_user_permissions', 'accounts_organisation',
        'accounts_platform_owner', 'accounts_team', 'accounts_project', 'auth_group', 'auth_group_permissions',
        'access_grant', 'access_api_token', 'access_project_user_permission', 'access_project_group_permission',
        'access_asset_user_permission', 'access_asset_group_permission', 'catalog_asset'];
    word text;
BEGIN
    FOR governed IN SELECT tgrelid FROM pg_trigger WHERE tgname = 'capture' AND NOT tgisinternal LOOP
        EXECUTE format('DROP TRIGGER capture ON %s', governed);
    END LOOP;
    FOREACH word IN ARRAY alone LOOP
        EXECUTE format('DROP TRIGGER refuse_truncate ON %s', word::regclass);
    END LOOP;
END $$;
DROP FUNCTION ledger_govern(regclass, text, text, text, text);
DROP FUNCTION ledger_capture();
DROP FUNCTION ledger_row_place(text, text);
DROP FUNCTION ledger_act(uuid);
