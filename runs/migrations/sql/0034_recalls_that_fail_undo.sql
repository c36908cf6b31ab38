CREATE OR REPLACE FUNCTION runs_guard_recall() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    collecting CONSTANT text[] := ARRAY['state', 'direct_done', 'after', 'expanded', 'found', 'truncated', 'advanced_at'];
    closing CONSTANT text[] := ARRAY['state', 'conclusion', 'closed_by_name', 'closed_at'];
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'recalls are never deleted' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NOT (OLD.state = 'building' AND NEW.state IN ('building', 'open')
                AND to_jsonb(NEW) - collecting = to_jsonb(OLD) - collecting
                AND NEW.found >= OLD.found AND NEW.expanded >= OLD.expanded
            OR OLD.state = 'open' AND NEW.state = 'closed' AND to_jsonb(NEW) - closing = to_jsonb(OLD) - closing) THEN
        RAISE EXCEPTION 'a recall does not change like this' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
