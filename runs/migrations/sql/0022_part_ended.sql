-- A part has ended: its whole goes on if it waits, and looks again if it is about to. One that undoes what it did is to be
-- looked at once none of its parts is under way any more; of two that end at once the second to hold the row sees both.
CREATE FUNCTION runs_part_ended(whole uuid) RETURNS boolean LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM runs_wake(whole);
    PERFORM FROM runs_run WHERE id = whole AND state = 'compensating' FOR NO KEY UPDATE;
    IF NOT FOUND OR EXISTS (
        SELECT FROM runs_run AS part
        WHERE part.parent_id = whole AND part.state IN
              ('queued', 'running', 'waiting', 'ready', 'paused', 'needs_review', 'compensating')
    ) THEN
        RETURN false;
    END IF;
    UPDATE runs_run SET nudges = nudges + 1, wake_at = clock_timestamp(), ready_at = clock_timestamp() WHERE id = whole;
    RETURN true;
END $$;
