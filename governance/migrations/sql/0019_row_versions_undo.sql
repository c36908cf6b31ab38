-- One short value for all that lets a release run, so that whoever has checked it in full sees in one look whether any of
-- it has changed: the release and what it stores, its environment, the request with its votes and exclusions, the
-- versions at any depth with the digest of what is stored of each, and what each of them pins.
--
-- Not in it is the code of registered functions, which lies in no row. Rows are digested as text, so a value is compared
-- with those of sessions with the same settings alone. NULL where there is no such release.
CREATE OR REPLACE FUNCTION release_fingerprint(release uuid) RETURNS text
LANGUAGE plpgsql STABLE STRICT SET search_path = public, pg_temp AS $$
BEGIN
    RETURN (
        WITH RECURSIVE part (id) AS (
            SELECT version_id FROM releases_release WHERE id = release
            UNION
            SELECT pin.pinned_id FROM part JOIN catalog_pin pin ON pin.version_id = part.id
        )
        SELECT encode(sha256(convert_to(ROW(
            given.id, given.project_id, given.workflow_id, given.number, given.version_id, given.environment_id,
            given.digest, given.submitted_by_id, given.request_id, sha256(given.closure),
            environment,
            request,
            (SELECT array_agg(vote ORDER BY vote.id) FROM approvals_vote vote WHERE vote.request_id = given.request_id),
            (SELECT array_agg(excluded ORDER BY excluded.id) FROM approvals_exclusion excluded
             WHERE excluded.request_id = given.request_id),
            (SELECT array_agg(ROW(version.id, version.number, version.digest, version.author_id, asset.kind, asset.slug,
                                  sha256(version.content)) ORDER BY version.id)
             FROM part JOIN catalog_version version ON version.id = part.id
             JOIN catalog_asset asset ON asset.id = version.asset_id),
            (SELECT array_agg(pin ORDER BY pin.id) FROM part JOIN catalog_pin pin ON pin.version_id = part.id)
        )::text, 'UTF8')), 'hex')
        FROM releases_release given
        JOIN releases_environment environment ON environment.id = given.environment_id
        JOIN approvals_request request ON request.id = given.request_id
        WHERE given.id = release
    );
END $$;
