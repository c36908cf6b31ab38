-- What was asked about stays as it was asked: nobody is barred from a decision, and nothing is pinned, afterwards.

CREATE FUNCTION approvals_guard_exclusion() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    -- The lock that a release takes, too: of the two, one sees the other.
    PERFORM FROM approvals_request WHERE id = NEW.request_id AND state IN ('open', 'not_required') FOR UPDATE;
    IF NOT FOUND
       OR EXISTS (SELECT FROM approvals_vote WHERE request_id = NEW.request_id)
       OR EXISTS (SELECT FROM releases_release WHERE request_id = NEW.request_id) THEN
        RAISE EXCEPTION 'who may not decide is said when the decision is asked for'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_exclusion BEFORE INSERT ON approvals_exclusion
    FOR EACH ROW EXECUTE FUNCTION approvals_guard_exclusion();
ALTER TABLE approvals_exclusion ENABLE ALWAYS TRIGGER guard_exclusion;

CREATE FUNCTION catalog_guard_pin() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    -- The workflow's lock, which whoever submits a release of it holds.
    PERFORM FROM catalog_asset WHERE id = (SELECT asset_id FROM catalog_version WHERE id = NEW.version_id) FOR UPDATE;
    IF EXISTS (SELECT FROM releases_release WHERE version_id = NEW.version_id) THEN
        RAISE EXCEPTION 'a version that was submitted pins what it pinned'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_pin BEFORE INSERT ON catalog_pin FOR EACH ROW EXECUTE FUNCTION catalog_guard_pin();
ALTER TABLE catalog_pin ENABLE ALWAYS TRIGGER guard_pin;

-- A request has a moment of decision when it is decided, and not before.
CREATE FUNCTION approvals_guard_moment() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF (NEW.state = 'open') IS DISTINCT FROM (NEW.decided_at IS NULL) THEN
        RAISE EXCEPTION 'a request says when it was decided once it is decided'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_request_moment BEFORE INSERT OR UPDATE ON approvals_request
    FOR EACH ROW EXECUTE FUNCTION approvals_guard_moment();
ALTER TABLE approvals_request ENABLE ALWAYS TRIGGER guard_request_moment;
