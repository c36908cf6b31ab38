-- The releases that hold one of these workflow versions, or hold what pins it at any depth.
WITH RECURSIVE whole (id) AS (
    SELECT unnest(%(versions)s::uuid[])
    UNION
    SELECT pin.version_id FROM whole JOIN catalog_pin AS pin ON pin.pinned_id = whole.id
)
SELECT release.id FROM releases_release AS release JOIN whole ON whole.id = release.version_id
