DROP FUNCTION ledger_sign(uuid, uuid, text, bigint, bytea, bytea, text);
DROP FUNCTION ledger_sequence(integer);
DROP TRIGGER refuse_truncate ON ledger_sequencing; DROP TRIGGER guard_sequencing ON ledger_sequencing;
DROP FUNCTION guard_sequencing();
DROP TRIGGER refuse_change ON ledger_log; DROP TRIGGER refuse_truncate ON ledger_log;
DROP TRIGGER refuse_change ON ledger_entry; DROP TRIGGER refuse_truncate ON ledger_entry;
DROP TRIGGER refuse_change ON ledger_tile; DROP TRIGGER refuse_truncate ON ledger_tile;
DROP TRIGGER refuse_change ON ledger_checkpoint; DROP TRIGGER refuse_truncate ON ledger_checkpoint;
DROP TRIGGER refuse_change ON ledger_key; DROP TRIGGER refuse_truncate ON ledger_key;
