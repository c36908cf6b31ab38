-- The workflow versions of these projects that call a function. A content is canonical JSON: it names it in one way alone.
SELECT version.id
FROM catalog_version AS version JOIN catalog_asset AS asset ON asset.id = version.asset_id
WHERE asset.kind = 'workflow' AND asset.project_id = ANY(%(projects)s)
  AND position(convert_to('"function":' || to_json(%(function)s::text)::text, 'UTF8') IN version.content) > 0
