DROP FUNCTION runs_ask(uuid, uuid, integer, boolean, boolean);
DROP TRIGGER keep_columns ON runs_limit;
