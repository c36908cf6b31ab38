-- What a decision needs, asked by the database whoever inserts it. Each function names its search path: a temporary table
-- of the same name is not asked instead.

-- Who may not decide on a release: who submitted it, and who wrote the workflow version or anything that it pins.
CREATE FUNCTION releases_people_behind(version uuid, submitter uuid) RETURNS SETOF uuid
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT submitter
    UNION SELECT author_id FROM catalog_version WHERE id = version
    UNION SELECT pinned.author_id FROM catalog_pin pin JOIN catalog_version pinned ON pinned.id = pin.pinned_id
          WHERE pin.version_id = version
$$;

-- The states of a request for approval and the ways between them:
--   open -> approved, rejected, withdrawn (terminal, like not_required, with which a request may begin)
-- A request asks for somebody, or is closed from its beginning. What was asked never changes.
CREATE OR REPLACE FUNCTION approvals_guard_request() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'requests for approval are never deleted' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF (NEW.state = 'open' AND NEW.quorum >= 1 OR NEW.state = 'not_required' AND NEW.quorum = 0) IS NOT TRUE THEN
            RAISE EXCEPTION 'a request begins by asking for somebody, or asks for nobody'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
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
    IF NEW.state NOT IN ('open', 'approved', 'rejected', 'withdrawn') THEN
        RAISE EXCEPTION 'a request that was asked cannot become %', NEW.state
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.state = 'approved' AND NOT approvals_carried(NEW.id, '{}') THEN
        RAISE EXCEPTION 'too few people have approved this' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.state = 'rejected'
       AND NOT EXISTS (SELECT FROM approvals_vote WHERE request_id = NEW.id AND decision = 'reject') THEN
        RAISE EXCEPTION 'nobody has rejected this' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
DROP TRIGGER guard_request ON approvals_request;
CREATE TRIGGER guard_request BEFORE INSERT OR UPDATE OR DELETE ON approvals_request
    FOR EACH ROW EXECUTE FUNCTION approvals_guard_request();
ALTER TABLE approvals_request ENABLE ALWAYS TRIGGER guard_request;

-- Whether enough people approved exactly this digest and nobody rejected it, without those who are barred or excluded.
CREATE FUNCTION approvals_carried(request uuid, barred uuid[]) RETURNS boolean
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    WITH counted AS (
        SELECT vote.decision FROM approvals_vote vote JOIN approvals_request asked ON asked.id = vote.request_id
        WHERE asked.id = request AND vote.digest = asked.digest AND vote.person_id <> ALL (barred)
          AND NOT EXISTS (SELECT FROM approvals_exclusion excluded
                          WHERE excluded.request_id = asked.id AND excluded.person_id = vote.person_id))
    SELECT EXISTS (SELECT FROM approvals_request asked WHERE asked.id = request
                   AND asked.quorum <= (SELECT count(*) FROM counted WHERE decision = 'approve'))
           AND NOT EXISTS (SELECT FROM counted WHERE decision <> 'approve')
$$;

-- A vote is one person's, on what waits, by somebody who may decide it. That it is their only one, an index holds.
CREATE FUNCTION approvals_guard_vote() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    asked approvals_request;
    voter accounts_user;
BEGIN
    SELECT * INTO asked FROM approvals_request WHERE id = NEW.request_id FOR UPDATE;
    IF asked.state IS DISTINCT FROM 'open' THEN
        RAISE EXCEPTION 'this request does not wait for a decision' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.digest IS DISTINCT FROM asked.digest OR (NEW.decision IN ('approve', 'reject')) IS NOT TRUE THEN
        RAISE EXCEPTION 'this is no decision on what was asked' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    SELECT person.* INTO voter FROM accounts_user person JOIN accounts_project project ON project.id = asked.project_id
    WHERE person.id = NEW.person_id AND person.is_active AND person.kind = 'person'
      AND person.employer_id = project.organisation_id;
    IF voter.id IS NULL OR NEW.person_name IS DISTINCT FROM voter.name THEN
        RAISE EXCEPTION 'a vote is that of an active person of the organisation, by their name'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.person_id = asked.requested_by_id
       OR EXISTS (SELECT FROM approvals_exclusion WHERE request_id = asked.id AND person_id = NEW.person_id)
       OR EXISTS (SELECT FROM releases_release release
                  WHERE release.request_id = asked.id AND NEW.person_id IN (
                      SELECT releases_people_behind(release.version_id, release.submitted_by_id))) THEN
        RAISE EXCEPTION 'nobody decides on what they have a part in' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NOT EXISTS (
        SELECT FROM auth_permission permission WHERE permission.codename = 'approve_release' AND (
            EXISTS (SELECT FROM access_project_user_permission held WHERE held.permission_id = permission.id
                    AND held.content_object_id = asked.project_id AND held.user_id = voter.id)
            OR EXISTS (SELECT FROM access_project_group_permission held
                       JOIN accounts_user_groups member ON member.group_id = held.group_id
                       WHERE held.permission_id = permission.id AND held.content_object_id = asked.project_id
                         AND member.user_id = voter.id))) THEN
        RAISE EXCEPTION 'only approvers of the project decide' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_vote BEFORE INSERT ON approvals_vote FOR EACH ROW EXECUTE FUNCTION approvals_guard_vote();
ALTER TABLE approvals_vote ENABLE ALWAYS TRIGGER guard_vote;

-- A release is what its request asks about, before anybody has decided; a protected environment's asks for somebody, and
-- bars whoever has a part in it.
CREATE FUNCTION releases_guard_release() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    asked approvals_request;
    shielded boolean;
BEGIN
    SELECT * INTO asked FROM approvals_request WHERE id = NEW.request_id FOR UPDATE;
    IF (asked.digest = NEW.digest AND asked.project_id = NEW.project_id AND asked.requested_by_id = NEW.submitted_by_id
        AND encode(sha256(NEW.closure), 'hex') = NEW.digest AND asked.state IN ('open', 'not_required')) IS NOT TRUE
       OR EXISTS (SELECT FROM approvals_vote WHERE request_id = asked.id) THEN
        RAISE EXCEPTION 'this is not what the request asks about' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    SELECT environment.protected INTO shielded FROM releases_environment environment
    JOIN accounts_project project ON project.organisation_id = environment.organisation_id
    JOIN catalog_asset workflow ON workflow.project_id = project.id
    JOIN catalog_version version ON version.asset_id = workflow.id
    WHERE environment.id = NEW.environment_id AND project.id = NEW.project_id AND workflow.id = NEW.workflow_id
      AND version.id = NEW.version_id;
    IF shielded IS NULL THEN
        RAISE EXCEPTION 'version, workflow, project and environment do not belong together'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF shielded AND (asked.quorum < 1 OR EXISTS (
        SELECT behind FROM releases_people_behind(NEW.version_id, NEW.submitted_by_id) AS behind
        EXCEPT SELECT person_id FROM approvals_exclusion WHERE request_id = asked.id)) THEN
        RAISE EXCEPTION 'a protected environment takes what others have approved'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_release BEFORE INSERT ON releases_release
    FOR EACH ROW EXECUTE FUNCTION releases_guard_release();
ALTER TABLE releases_release ENABLE ALWAYS TRIGGER guard_release;

-- What takes effect in a protected environment has its approvals, counted afresh.
CREATE FUNCTION releases_guard_activation() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    release releases_release;
    asked approvals_request;
    shielded boolean;
BEGIN
    SELECT * INTO release FROM releases_release WHERE id = NEW.release_id;
    SELECT * INTO asked FROM approvals_request WHERE id = release.request_id;
    SELECT protected INTO shielded FROM releases_environment WHERE id = release.environment_id;
    IF (release.environment_id, release.workflow_id) IS DISTINCT FROM (NEW.environment_id, NEW.workflow_id) THEN
        RAISE EXCEPTION 'a release takes effect where it was submitted to'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF (asked.digest = release.digest AND asked.state IN ('approved', 'not_required')) IS NOT TRUE
       OR shielded AND (asked.state <> 'approved' OR asked.quorum < 1 OR NOT approvals_carried(
           asked.id, ARRAY(SELECT releases_people_behind(release.version_id, release.submitted_by_id)))) THEN
        RAISE EXCEPTION 'this release does not have its approvals' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_activation BEFORE INSERT ON releases_activation
    FOR EACH ROW EXECUTE FUNCTION releases_guard_activation();
ALTER TABLE releases_activation ENABLE ALWAYS TRIGGER guard_activation;
