DROP FUNCTION ledger_keep_cosignature(uuid, text, bytea, timestamptz);
DROP TRIGGER refuse_change ON ledger_cosignature; DROP TRIGGER refuse_truncate ON ledger_cosignature;
