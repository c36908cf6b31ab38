DROP TRIGGER guard_memory ON runs_memory; DROP FUNCTION runs_guard_memory();
DROP TRIGGER refuse_change ON runs_memory; DROP TRIGGER refuse_truncate ON runs_memory;
