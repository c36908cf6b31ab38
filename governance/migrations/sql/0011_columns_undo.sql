DROP FUNCTION keep_columns() CASCADE;
DROP FUNCTION allow_changes(regclass, text[]);
