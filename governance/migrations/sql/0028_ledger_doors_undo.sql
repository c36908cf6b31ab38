DROP FUNCTION ledger_announce(uuid, uuid, bytea);
DROP FUNCTION ledger_thaw_by(uuid, bytea);
DROP FUNCTION ledger_find(bytea, uuid);
DROP FUNCTION ledger_keep_round(bigint, integer, jsonb, double precision);
DROP FUNCTION ledger_keep_tiles(uuid[], smallint[], bigint[], bytea[], bytea[]);
DROP FUNCTION ledger_actor_name(uuid);
