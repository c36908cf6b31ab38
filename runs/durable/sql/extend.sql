-- Extend the leases that are still held, and no others.
UPDATE runs_run AS run
SET lease_until = clock_timestamp() + make_interval(secs => %(lease)s)
FROM unnest(%(runs)s::uuid[], %(epochs)s::integer[]) AS held (id, epoch)
WHERE run.id = held.id AND run.lease_epoch = held.epoch AND run.lease_until IS NOT NULL
RETURNING run.id
