DROP TRIGGER guard_activation ON releases_activation; DROP FUNCTION releases_guard_activation();
DROP TRIGGER guard_release ON releases_release; DROP FUNCTION releases_guard_release();
DROP TRIGGER guard_vote ON approvals_vote; DROP FUNCTION approvals_guard_vote();
DROP TRIGGER guard_request ON approvals_request;
CREATE OR REPLACE FUNCTION approvals_guard_request() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'requests for approval are never deleted' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF OLD.state <> 'open' THEN
        RAISE EXCEPTION 'a request that is % does not change any more', OLD.state
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF (NEW.id, NEW.project_id, NEW.subject, NEW.digest, NEW.quorum, NEW.requested_by_id, NEW.requested_at)
       IS DISTINCT FROM
       (OLD.id, OLD.project_id, OLD.subject, OLD.digest, OLD.quorum, OLD.requested_by_id, OLD.requested_at) THEN
        RAISE EXCEPTION 'what was asked cannot be changed' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.state = 'approved' AND (
        SELECT count(*) FROM approvals_vote WHERE request_id = NEW.id AND decision = 'approve' AND digest = NEW.digest
    ) < NEW.quorum THEN
        RAISE EXCEPTION 'too few people have approved this' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_request BEFORE UPDATE OR DELETE ON approvals_request
    FOR EACH ROW EXECUTE FUNCTION approvals_guard_request();
ALTER TABLE approvals_request ENABLE ALWAYS TRIGGER guard_request;
DROP FUNCTION approvals_carried(uuid, uuid[]);
DROP FUNCTION releases_people_behind(uuid, uuid);
