-- The columns that may change, table by table: who a row is about and where it belongs, stays. What is not named here is
-- refused to everybody; "once" allows a column to be filled while it is empty, and no more. A migration that adds a column
-- that changes calls `allow_changes` again with the whole list.

CREATE FUNCTION keep_columns() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before jsonb := to_jsonb(OLD);
    after jsonb := to_jsonb(NEW);
    word text;
    stays text;
BEGIN
    FOREACH word IN ARRAY coalesce(TG_ARGV, '{}') LOOP
        IF word NOT LIKE 'once %' THEN
            before := before - word;
        ELSIF before -> substr(word, 6) = 'null' THEN
            before := before - substr(word, 6);
        END IF;
    END LOOP;
    SELECT key INTO stays FROM jsonb_each(before) WHERE value IS DISTINCT FROM after -> key LIMIT 1;
    IF stays IS NOT NULL THEN
        RAISE EXCEPTION 'what % says of a row of % stays', stays, TG_TABLE_NAME
            USING ERRCODE = 'integrity_constraint_violation',
                  HINT = 'A migration names the columns that change: SELECT allow_changes(...)';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION allow_changes(target regclass, VARIADIC columns text[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE OR REPLACE TRIGGER keep_columns BEFORE UPDATE ON %s FOR EACH ROW EXECUTE FUNCTION keep_columns(%s)',
                   target, (SELECT string_agg(quote_literal(word), ', ') FROM unnest(columns) AS word));
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER keep_columns', target);
END $$;

-- The password by its owner, the last sign-in by signing in; shut and opened by platform owners, who are staff as long as
-- they own. The address, the printed name, the employer and the superuser's mark are given once.
SELECT allow_changes('accounts_user', 'password', 'last_login', 'is_active', 'is_staff');
-- Named once: addresses, digests and other rows lead to them.
SELECT allow_changes('accounts_organisation', VARIADIC '{}');
SELECT allow_changes('accounts_project', VARIADIC '{}');
SELECT allow_changes('accounts_team', VARIADIC '{}');
SELECT allow_changes('catalog_asset', VARIADIC '{}');
-- Whom a grant is to, on what and by whom, stays; it ends, and does not begin again.
SELECT allow_changes('access_grant', 'once revoked_at');
-- A token's secret, person, scopes and end stay; it is used, and revoked for good.
SELECT allow_changes('access_api_token', 'last_used_at', 'once revoked_at');
