-- The functions of 0011 mean PostgreSQL's own and ours by what they name, whatever the session's search path is.
ALTER FUNCTION keep_columns() SET search_path = public, pg_temp;
ALTER FUNCTION allow_changes(regclass, text[]) SET search_path = public, pg_temp;
