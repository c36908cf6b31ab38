-- The states of a request for approval and the ways between them:
--   open -> approved, rejected, withdrawn (terminal, like not_required, with which a request may begin)
-- What was asked never changes: neither the digest nor how many must approve it.
CREATE FUNCTION approvals_guard_request() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON approvals_request
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE approvals_request ENABLE ALWAYS TRIGGER guard_request;
ALTER TABLE approvals_request ENABLE ALWAYS TRIGGER refuse_truncate;

-- RFC 9562, section 6.2, method 3: the twelve bits after the millisecond hold its fraction, so that the events of one
-- transaction sort in the order in which they were recorded.
CREATE OR REPLACE FUNCTION ledger_uuid7(moment timestamptz) RETURNS uuid LANGUAGE sql VOLATILE AS $$
    SELECT encode(
        set_byte(set_byte(
            overlay(uuid_send(gen_random_uuid())
                    PLACING substring(int8send(micros / 1000) FROM 3) FROM 1 FOR 6),
            6, 112 + (fraction >> 8)), 7, fraction & 255), 'hex')::uuid
    FROM (SELECT floor(extract(epoch FROM moment) * 1000000)::bigint AS micros) AS clock,
         LATERAL (SELECT ((micros % 1000) * 4096 / 1000)::int AS fraction) AS rest
$$;
