ALTER FUNCTION keep_columns() RESET search_path;
ALTER FUNCTION allow_changes(regclass, text[]) RESET search_path;
