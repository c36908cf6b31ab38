-- One more refusal of this to this person for this reason; how many there are now.
INSERT INTO access_refusal AS refusal (id, object_type, object_id, person_id, why, count, last_at)
VALUES (%(id)s, %(object_type)s::text, %(object_id)s, %(person)s, %(why)s::text, 1, clock_timestamp())
ON CONFLICT (object_type, object_id, person_id, why) DO UPDATE
    SET count = least(refusal.count::bigint + 1, 2147483647), last_at = excluded.last_at
RETURNING count
