-- Whether the person has started the run, or one that it is a part of or was made from (a fork, a replay): what they set
-- going is not theirs to approve, whoever else has it begin again.
CREATE FUNCTION runs_was_started_by(run uuid, person uuid) RETURNS boolean LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    WITH RECURSIVE older AS (
        SELECT id, parent_id, source_id, started_by_id FROM runs_run WHERE id = run
        UNION
        SELECT before.id, before.parent_id, before.source_id, before.started_by_id
        FROM older JOIN runs_run AS before ON before.id IN (older.parent_id, older.source_id)
    )
    SELECT EXISTS (SELECT FROM older WHERE started_by_id = person)
$$;

CREATE OR REPLACE FUNCTION runs_guard_task() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    asking runs_run;
    person accounts_user;
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'tasks are never deleted' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    SELECT * INTO asking FROM runs_run WHERE id = NEW.run_id;
    IF TG_OP = 'INSERT' THEN
        IF (NEW.state = 'open' AND NEW.decision = '' AND NEW.reason = '' AND NEW.decided_by_name = ''
            AND NEW.edited_id IS NULL AND NEW.decided_by_id IS NULL AND NEW.closed_at IS NULL AND NEW.escalated_at IS NULL
            AND asking.state = 'waiting' AND asking.waits_for = 'person' AND asking.position = NEW.position
            AND asking.cursor = NEW.node AND asking.project_id = NEW.project_id) IS NOT TRUE THEN
            RAISE EXCEPTION 'a task is opened by a run that waits for it' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.state <> 'open' THEN
        RAISE EXCEPTION 'a task that is % does not change any more', OLD.state
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF (NEW.id, NEW.run_id, NEW.project_id, NEW.node, NEW.position, NEW.kind, NEW.title, NEW.instructions, NEW.choices,
        NEW.shown, NEW.subject, NEW.team_id, NEW.escalate_to_id, NEW.opened_at, NEW.escalates_at, NEW.deadline_at)
       IS DISTINCT FROM
       (OLD.id, OLD.run_id, OLD.project_id, OLD.node, OLD.position, OLD.kind, OLD.title, OLD.instructions, OLD.choices,
        OLD.shown, OLD.subject, OLD.team_id, OLD.escalate_to_id, OLD.opened_at, OLD.escalates_at, OLD.deadline_at)
       OR OLD.escalated_at IS NOT NULL AND NEW.escalated_at IS DISTINCT FROM OLD.escalated_at THEN
        RAISE EXCEPTION 'what was asked cannot be changed' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.state <> 'decided' THEN
        IF (NEW.decision = '' AND NEW.reason = '' AND NEW.decided_by_name = '' AND NEW.edited_id IS NULL
            AND NEW.decided_by_id IS NULL AND NEW.state IN ('open', 'expired', 'withdrawn')
            AND (NEW.state = 'open') = (NEW.closed_at IS NULL)) IS NOT TRUE THEN
            RAISE EXCEPTION 'nobody decided this' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF (NEW.reason <> '' AND (NEW.edited_id IS NOT NULL) = (NEW.kind = 'edit' AND NEW.decision = 'edit')
        AND CASE NEW.kind WHEN 'approve' THEN NEW.decision IN ('approve', 'reject')
                          WHEN 'edit' THEN NEW.decision IN ('accept', 'edit')
                          ELSE NEW.choices ? NEW.decision END) IS NOT TRUE THEN
        RAISE EXCEPTION 'this is no decision on what was asked' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF (asking.state IN ('waiting', 'ready', 'running', 'paused') AND asking.position = NEW.position
        AND NEW.closed_at >= NEW.opened_at AND coalesce(NEW.closed_at < NEW.deadline_at, true)) IS NOT TRUE THEN
        RAISE EXCEPTION 'nobody waits for this decision any more' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    SELECT who.* INTO person FROM accounts_user who
    WHERE who.id = NEW.decided_by_id AND who.is_active AND who.kind = 'person'
      AND who.employer_id = asking.organisation_id AND who.name = NEW.decided_by_name;
    IF person.id IS NULL THEN
        RAISE EXCEPTION 'a decision is that of an active person of the organisation, by their name'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.kind = 'approve' AND runs_was_started_by(asking.id, person.id)
       AND EXISTS (SELECT FROM releases_environment WHERE id = asking.environment_id AND protected) THEN
        RAISE EXCEPTION 'nobody approves what their own run asks' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
