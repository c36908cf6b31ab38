DROP TRIGGER guard_run ON runs_run;
DROP TRIGGER refuse_truncate ON runs_run;
DROP FUNCTION runs_guard_run();
DROP TRIGGER refuse_change ON runs_artifact; DROP TRIGGER refuse_truncate ON runs_artifact;
DROP TRIGGER refuse_change ON runs_run_input; DROP TRIGGER refuse_truncate ON runs_run_input;
DROP TRIGGER refuse_change ON runs_step; DROP TRIGGER refuse_truncate ON runs_step;
DROP TRIGGER refuse_change ON runs_edge; DROP TRIGGER refuse_truncate ON runs_edge;
