DROP FUNCTION runs_part_ended(uuid);
