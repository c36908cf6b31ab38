DROP TRIGGER keep_columns ON runs_weight;
