DROP TRIGGER keep_columns ON access_refusal;
