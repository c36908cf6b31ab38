-- What a schedule starts, and where, stays; what is said of a firing is never changed.
SELECT allow_changes('runs_schedule', 'name', 'cron', 'every_s', 'zone', 'inputs', 'overlap', 'catch_up', 'edition',
                     'saved_by_id', 'saved_by_name', 'saved_at', 'anchor', 'next_at', 'queued_for', 'last_run_id',
                     'paused_at', 'paused_by_name', 'paused_because', 'once retired_at');
SELECT make_immutable('runs_firing');

-- A firing that started a run names one of the schedule's workflow that a schedule started.
CREATE FUNCTION runs_guard_firing() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.run_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM runs_run run JOIN runs_schedule schedule
            ON (schedule.project_id, schedule.workflow_id, schedule.environment_id)
             = (run.project_id, run.workflow_id, run.environment_id)
        WHERE run.id = NEW.run_id AND schedule.id = NEW.schedule_id AND run.origin = 'schedule'
          AND run.started_by_id = schedule.saved_by_id
    ) THEN
        RAISE EXCEPTION 'this schedule did not start this run' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_firing BEFORE INSERT ON runs_firing FOR EACH ROW EXECUTE FUNCTION runs_guard_firing();
ALTER TABLE runs_firing ENABLE ALWAYS TRIGGER guard_firing;

-- The ledger is read project by project: an event about a schedule belongs to the schedule's.
CREATE FUNCTION ledger_note_project() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    EXECUTE format('SELECT project_id FROM %I WHERE id = $1', TG_ARGV[0]) INTO NEW.project USING NEW.object_id;
    RETURN NEW;
END $$;
CREATE TRIGGER note_project_of_schedule BEFORE INSERT ON ledger_event FOR EACH ROW
    WHEN (NEW.project IS NULL AND NEW.object_type = 'schedule') EXECUTE FUNCTION ledger_note_project('runs_schedule');
ALTER TABLE ledger_event ENABLE ALWAYS TRIGGER note_project_of_schedule;
