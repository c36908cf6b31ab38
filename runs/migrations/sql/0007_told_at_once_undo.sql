DROP TRIGGER guard_run_input ON runs_run_input; DROP FUNCTION runs_guard_run_input();
DROP TRIGGER guard_edge ON runs_edge; DROP FUNCTION runs_guard_edge();
DROP TRIGGER guard_step ON runs_step; DROP FUNCTION runs_guard_step();
