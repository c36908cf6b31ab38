DROP FUNCTION release_fingerprint(uuid);
