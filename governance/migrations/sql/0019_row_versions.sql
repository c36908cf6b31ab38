-- One short value for all that lets a release run, as before, but of the versions of the rows instead of what stands in
-- them: whoever changes a row, be it the owner of the tables, be it back to what it was, makes another version of it (its
-- place, and the transaction that wrote it). That takes half the time. The start of the server stands in it, so that a
-- server that was set back in time, or another one, shares no value with this one.
CREATE OR REPLACE FUNCTION release_fingerprint(release uuid) RETURNS text
LANGUAGE plpgsql STABLE STRICT SET search_path = public, pg_temp AS $$
BEGIN
    RETURN (
        SELECT ROW(
            extract(epoch FROM pg_postmaster_start_time()),
            given.ctid, given.xmin, environment.ctid, environment.xmin, request.ctid, request.xmin,
            (SELECT string_agg(vote.ctid::text || vote.xmin::text, '' ORDER BY vote.id)
             FROM approvals_vote vote WHERE vote.request_id = given.request_id),
            (SELECT string_agg(excluded.ctid::text || excluded.xmin::text, '' ORDER BY excluded.id)
             FROM approvals_exclusion excluded WHERE excluded.request_id = given.request_id),
            (WITH RECURSIVE part (id, pin) AS (
                 SELECT given.version_id, ''
                 UNION
                 SELECT pin.pinned_id, pin.ctid::text || pin.xmin::text
                 FROM part JOIN catalog_pin pin ON pin.version_id = part.id
             )
             SELECT string_agg(part.pin || version.ctid::text || version.xmin::text || asset.ctid::text || asset.xmin::text,
                               '' ORDER BY version.id, part.pin)
             FROM part JOIN catalog_version version ON version.id = part.id
             JOIN catalog_asset asset ON asset.id = version.asset_id)
        )::text
        FROM releases_release given
        JOIN releases_environment environment ON environment.id = given.environment_id
        JOIN approvals_request request ON request.id = given.request_id
        WHERE given.id = release
    );
END $$;
