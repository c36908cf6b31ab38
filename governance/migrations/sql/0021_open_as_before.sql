-- Every endpoint that a stored workflow of an organisation names is open to all of its environments, as it was: until
-- then no endpoint knew environments. What comes later is open to unprotected environments alone until somebody opens it.
-- A call is a node, what a map makes for each item, or what undoes a node. What has been opened, or shut, stays as it is.
WITH used AS (
    SELECT DISTINCT project.organisation_id AS organisation, call.body ->> 'endpoint' AS name
    FROM catalog_version version
    JOIN catalog_asset asset ON asset.id = version.asset_id AND asset.kind = 'workflow'
    JOIN accounts_project project ON project.id = asset.project_id
    CROSS JOIN jsonb_path_query(convert_from(version.content, 'UTF8')::jsonb, '$.nodes[*]') AS node
    CROSS JOIN LATERAL (VALUES (node), (node -> 'each'), (node -> 'compensate')) AS call (body)
    WHERE call.body ->> 'kind' = 'http' AND call.body ->> 'endpoint' ~ '^[a-z][a-z0-9_-]{0,39}$'
), place AS (
    SELECT organisation_id AS organisation, array_agg(id ORDER BY rank, slug) AS ids,
           '["' || string_agg(slug, '","' ORDER BY rank, slug) || '"]' AS slugs
    FROM releases_environment GROUP BY organisation_id
), opened AS (
    INSERT INTO releases_opening (
        id, organisation_id, kind, name, number, environments, reason, set_by_id, set_by_name, set_at)
    SELECT ledger_uuid7(clock_timestamp()), used.organisation, 'endpoint', used.name, 1, place.ids,
           'It was open to every environment before endpoints knew them', actor.id, actor.name, now()
    FROM used JOIN place USING (organisation) JOIN accounts_user actor ON actor.email = 'set-up@system.invalid'
    WHERE NOT EXISTS (SELECT FROM releases_opening AS known
                      WHERE known.organisation_id = used.organisation AND known.kind = 'endpoint' AND known.name = used.name)
    RETURNING *
)
SELECT ledger_record(
    opened.organisation_id, 'opening.set', opened.set_by_id, opened.set_by_name, 'opening', opened.id, NULL,
    convert_to(
        '{"environments":' || place.slugs || ',"kind":"endpoint","name":' || to_json(opened.name)::text
        || ',"number":1,"reason":' || to_json(opened.reason)::text || '}', 'UTF8'))
FROM opened JOIN place ON place.organisation = opened.organisation_id;
