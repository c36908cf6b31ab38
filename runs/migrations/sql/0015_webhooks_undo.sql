DROP TRIGGER note_project_of_webhook ON ledger_event;
DROP TRIGGER guard_delivery ON runs_webhook_delivery; DROP FUNCTION runs_guard_delivery();
DROP TRIGGER refuse_change ON runs_webhook_delivery; DROP TRIGGER refuse_truncate ON runs_webhook_delivery;
DROP TRIGGER guard_webhook ON runs_webhook; DROP FUNCTION runs_guard_webhook();
DROP TRIGGER refuse_truncate ON runs_webhook;
DROP TRIGGER keep_columns ON runs_webhook_secret;
DROP TRIGGER keep_columns ON runs_webhook_refusal;
DROP TRIGGER keep_columns ON runs_webhook_pace;
