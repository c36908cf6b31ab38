DROP TRIGGER guard_task ON runs_task;
DROP TRIGGER refuse_truncate ON runs_task;
DROP FUNCTION runs_guard_task();
DROP TRIGGER guard_taking ON runs_taking;
DROP FUNCTION runs_guard_taking();
DROP TRIGGER refuse_change ON runs_taking; DROP TRIGGER refuse_truncate ON runs_taking;
DROP TRIGGER guard_signal ON runs_signal;
DROP FUNCTION runs_guard_signal();
DROP TRIGGER refuse_change ON runs_signal; DROP TRIGGER refuse_truncate ON runs_signal;
