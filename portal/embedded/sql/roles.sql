-- The three roles of the portal, for embedded and external PostgreSQL alike (see README.md).
-- The owner makes and changes tables and is used by `migrate` alone. The application reads and writes rows:
-- it owns nothing, makes nothing, and so cannot drop a trigger that protects the ledger. The keeper reads what governs and
-- executes the functions by which the ledger is sequenced, signed and verified.
-- Safe to run again. Passwords are set apart from this file.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'countersign_owner') THEN
        CREATE ROLE countersign_owner;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'countersign_app') THEN
        CREATE ROLE countersign_app;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'countersign_keeper') THEN
        CREATE ROLE countersign_keeper;
    END IF;
END
$$;
ALTER ROLE countersign_owner LOGIN NOSUPERUSER NOCREATEROLE NOREPLICATION NOBYPASSRLS;
ALTER ROLE countersign_app LOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB NOREPLICATION NOBYPASSRLS;
ALTER ROLE countersign_keeper LOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB NOREPLICATION NOBYPASSRLS;
