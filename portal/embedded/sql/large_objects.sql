-- Everybody may make large objects in a PostgreSQL database unless told otherwise: a store that no table, no trigger and no
-- ledger knows of. Run as the server's administrator, once in the portal's database; safe to run again.
DO $$
DECLARE
    found regprocedure;
BEGIN
    FOR found IN SELECT oid FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace AND proname ~ '^lo(_|read$|write$)'
    LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', found);
    END LOOP;
END
$$;
