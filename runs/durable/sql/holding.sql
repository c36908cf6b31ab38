-- What has been asked of a run that this worker still holds; no row when it does not.
SELECT nudges, asked FROM runs_run WHERE id = %(run)s AND lease_epoch = %(epoch)s AND lease_until IS NOT NULL
