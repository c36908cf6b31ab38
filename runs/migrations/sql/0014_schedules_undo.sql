DROP TRIGGER note_project_of_schedule ON ledger_event; DROP FUNCTION ledger_note_project();
DROP TRIGGER guard_firing ON runs_firing; DROP FUNCTION runs_guard_firing();
DROP TRIGGER refuse_change ON runs_firing; DROP TRIGGER refuse_truncate ON runs_firing;
DROP TRIGGER keep_columns ON runs_schedule;
