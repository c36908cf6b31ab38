-- A provider asked an organisation not to be asked for a while; the longest while that it asked for counts.
INSERT INTO runs_limit (id, organisation_id, kind, name, closed_until)
VALUES (%(id)s, %(organisation)s, %(kind)s, %(name)s, clock_timestamp() + make_interval(secs => %(seconds)s::float8))
ON CONFLICT (organisation_id, kind, name)
DO UPDATE SET closed_until = greatest(runs_limit.closed_until, excluded.closed_until)
-- The row itself may be new: the engine is named for it.
RETURNING id, set_config('countersign.actor', %(actor)s::text, true)
