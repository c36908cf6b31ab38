"""Which tables govern, each of whose rows the database tells of itself, and why the others do not.

`governance/migrations/sql/0027_ledger_capture.sql` has the trigger; `ledger_govern` puts it on a table.
"""

# By table: the columns that do not govern, which change untold.
GOVERNED: dict[str, tuple[str, ...]] = {
    "access_api_token": ("last_used_at",),
    "access_asset_group_permission": (),
    "access_asset_user_permission": (),
    "access_grant": (),
    "access_project_group_permission": (),
    "access_project_user_permission": (),
    "accounts_organisation": (),
    "accounts_platform_owner": (),
    "accounts_project": (),
    "accounts_team": (),
    "accounts_user": ("last_login",),
    "accounts_user_groups": (),
    "accounts_user_user_permissions": (),
    "approvals_exclusion": (),
    "approvals_request": (),
    "approvals_vote": (),
    "auth_group": (),
    "auth_group_permissions": (),
    "catalog_asset": (),
    "catalog_pin": (),
    "catalog_version": (),
    "releases_activation": (),
    "releases_environment": (),
    "releases_opening": (),
    "releases_release": (),
    "runs_limit": ("tokens", "refilled_at", "line_until", "closed_until"),
    "runs_price": (),
    "runs_schedule": ("next_at", "queued_for", "last_run_id"),
    "runs_webhook": ("hindrance", "hindered_at"),
    "runs_webhook_secret": (),
    "runs_weight": (),
}

LEDGER = "It is the ledger itself, or what keeps and proves it: rows are only ever added to it."
TOLD = "It records what happened, in the same transaction as the event that tells of it."
TRACE = "It only notes how far something has come or who is at work; nothing is decided by it."
WORKED_OUT = "It is worked out from other rows and can be at any time."
LIBRARY = "It belongs to a library that the portal brings along, and nothing in the portal is decided by it."
SIGNING_IN = "It belongs to a person's own signing in, which allauth keeps."

EXEMPT: dict[str, str] = {
    "access_refusal": "It counts how often somebody was refused what an event has told of once.",
    "account_emailaddress": SIGNING_IN,
    "account_emailconfirmation": SIGNING_IN,
    "auth_permission": "Migrations alone write it: the application may only read it.",
    "django_admin_log": LIBRARY,
    "django_content_type": "Migrations alone write it: the application may only read it.",
    "django_session": SIGNING_IN,
    "guardian_groupobjectpermission": LIBRARY,
    "guardian_userobjectpermission": LIBRARY,
    "ledger_checkpoint": LEDGER,
    "ledger_cosignature": LEDGER,
    "ledger_entry": LEDGER,
    "ledger_event": LEDGER,
    "ledger_freeze": LEDGER,
    "ledger_key": LEDGER,
    "ledger_log": LEDGER,
    "ledger_sequencing": "Only the function that gives events their positions writes how far it came.",
    "ledger_thaw": LEDGER,
    "ledger_tile": LEDGER,
    "ledger_verification": LEDGER,
    "mfa_authenticator": SIGNING_IN,
    "runs_artifact": TOLD,
    "runs_artifact_text": WORKED_OUT,
    "runs_begun": TRACE,
    "runs_discarded": TOLD,
    "runs_edge": TOLD,
    "runs_firing": TOLD,
    "runs_memory": TOLD,
    "runs_reading": TOLD,
    "runs_reading_content": TOLD,
    "runs_recall": TOLD,
    "runs_recall_case": TOLD,
    "runs_recall_note": TOLD,
    "runs_run": TOLD,
    "runs_run_input": TOLD,
    "runs_signal": TOLD,
    "runs_step": TOLD,
    "runs_sweeper_pass": TRACE,
    "runs_taking": TOLD,
    "runs_task": TOLD,
    "runs_webhook_delivery": TOLD,
    "runs_webhook_pace": TRACE,
    "runs_webhook_refusal": TRACE,
    "runs_worker": TRACE,
    "usersessions_usersession": SIGNING_IN,
}
