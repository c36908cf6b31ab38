"""The triggers of every protected table: enabled always, so that replicas and superusers meet them too."""

from collections import defaultdict

from django.apps import apps

from governance.ledger.immutable import Immutable
from portal.database.capture import GOVERNED

IMMUTABLE = ("refuse_change", "refuse_truncate")

# Tables whose rows change in declared ways only.
CHANGING = {
    "approvals_request": ("guard_request", "guard_request_moment", "refuse_truncate"),
    "runs_artifact": IMMUTABLE,  # but that its bytes go, and come back
    "runs_erasure_content": ("guard_erasure_content", "refuse_truncate"),
    "runs_run": ("guard_run", "keep_recalls", "refuse_truncate"),
    "runs_recall": ("guard_recall", "refuse_truncate"),
    "runs_task": ("guard_task", "refuse_truncate"),
    "runs_webhook": ("guard_webhook", "refuse_truncate"),
}

# Rows that are inserted on conditions only.
CONDITIONAL = {
    "approvals_exclusion": ("guard_exclusion",),
    "approvals_vote": ("guard_vote",),
    "catalog_pin": ("guard_pin",),
    "ledger_sequencing": ("guard_sequencing", "refuse_truncate"),
    "releases_release": ("guard_release",),
    "releases_activation": ("guard_activation",),
    "runs_edge": ("guard_edge", "hold_edge"),
    "runs_firing": ("guard_firing",),
    "runs_hold": ("guard_hold",),
    "runs_hold_lift": ("guard_lift",),
    "runs_memory": ("guard_memory",),
    "runs_run_input": ("guard_run_input",),
    "runs_recall_case": ("guard_recall_case",),
    "runs_recall_note": ("guard_recall_note",),
    "runs_signal": ("guard_signal",),
    "runs_step": ("guard_step",),
    "runs_taking": ("guard_taking",),
    "runs_webhook_delivery": ("guard_delivery",),
}


# Tables of which named columns alone change (`governance/migrations/sql/0011_columns.sql`).
KEPT = dict.fromkeys(
    (
        "accounts_user",
        "accounts_organisation",
        "accounts_project",
        "accounts_team",
        "catalog_asset",
        "access_grant",
        "access_api_token",
        "access_refusal",
        "runs_limit",
        "runs_schedule",
        "runs_webhook_secret",
        "runs_webhook_refusal",
        "runs_webhook_pace",
        "runs_weight",
    ),
    ("keep_columns",),
)


def guards() -> dict[str, tuple[str, ...]]:
    """The names of the triggers, by table."""
    immutable = {
        model._meta.db_table: IMMUTABLE for model in apps.get_models() if issubclass(model, Immutable)
    }
    found: dict[str, tuple[str, ...]] = defaultdict(tuple)
    captured = dict.fromkeys(GOVERNED, ("capture", "refuse_truncate"))
    for named in (immutable, CHANGING, CONDITIONAL, KEPT, captured):
        for table, triggers in named.items():
            found[table] += tuple(name for name in triggers if name not in found[table])
    return dict(found)
