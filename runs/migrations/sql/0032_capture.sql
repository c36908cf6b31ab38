-- What governs runs is told row by row. What the engine notes on such a row while it works does not govern.
SELECT ledger_govern('runs_price', 'organisation', 'organisation_id');
SELECT ledger_govern('runs_weight', 'organisation', 'organisation_id');
SELECT ledger_govern('runs_limit', 'organisation', 'organisation_id', '', 'tokens refilled_at line_until closed_until');
SELECT ledger_govern('runs_schedule', 'project', 'project_id', '', 'next_at queued_for last_run_id');
SELECT ledger_govern('runs_webhook', 'project', 'project_id', '', 'hindrance hindered_at');
SELECT ledger_govern('runs_webhook_secret', 'webhook', 'webhook_id', 'sealed');
