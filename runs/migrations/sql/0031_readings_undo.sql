DROP TRIGGER refuse_change ON runs_reading; DROP TRIGGER refuse_truncate ON runs_reading;
DROP TRIGGER refuse_change ON runs_reading_content; DROP TRIGGER refuse_truncate ON runs_reading_content;
