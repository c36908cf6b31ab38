"""The privileges of the application's role, derived from the models: an `Immutable` table takes no change."""

from django.apps import apps
from django.db import connections, models, transaction
from psycopg import sql

from governance.ledger.immutable import Immutable
from governance.ledger.models import Event
from governance.proof.models import Checkpoint, Log, Position, Sequencing
from portal.database.guards import CHANGING, KEPT

READ_WRITE = ("SELECT", "INSERT", "UPDATE", "DELETE")
INSERT_ONLY = ("SELECT", "INSERT")
READ_ONLY = ("SELECT",)
LEDGER_DOORS = (
    "ledger_record(uuid, text, uuid, text, text, uuid, uuid, bytea)",
    "ledger_record_run(uuid, uuid, text, uuid, text[], text[], uuid[], text[])",
    "ledger_sequence(integer)",
    "ledger_sign(uuid, uuid, text, bigint, bytea, bytea, text)",
)
# What the ledger's functions write, and nobody else.
BEHIND_DOORS = (Event, Log, Sequencing, Position, Checkpoint)

# The records name our rows for ever: none is deleted but memberships and what is worked out from other rows.
OURS = frozenset({"governance", "runs"})
DELETABLE = frozenset(
    {
        "governance.user_groups",
        "governance.organisation_owners",
        "governance.projectuserobjectpermission",
        "governance.projectgroupobjectpermission",
        "governance.assetuserobjectpermission",
        "governance.assetgroupobjectpermission",
        "runs.artifacttext",
        "runs.worker",
    }
)
# What `migrate` writes, and nobody else.
MIGRATED = frozenset({"auth.permission", "contenttypes.contenttype"})


def privileges(model: type[models.Model]) -> tuple[str, ...]:
    """What the application may do with the model's table.

    In governance a stored row changes only where a trigger says in what.
    """
    meta = model._meta
    if model in BEHIND_DOORS or meta.label_lower in MIGRATED:
        return READ_ONLY
    if issubclass(model, Immutable):
        return INSERT_ONLY
    changes = meta.app_label != "governance" or meta.db_table in {**CHANGING, **KEPT}
    goes = meta.app_label not in OURS or meta.label_lower in DELETABLE
    return (*INSERT_ONLY, *(("UPDATE",) if changes else ()), *(("DELETE",) if goes else ()))


def tables() -> dict[str, tuple[str, ...]]:
    """Every table that the application may touch, and how."""
    found = {
        model._meta.db_table: privileges(model)
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
    }
    return {**found, "portal_cache": READ_WRITE, "django_migrations": READ_ONLY}


def apply_grants(*, alias: str, role: str) -> None:
    """Give `role` exactly the privileges above on every table, run as the tables' owner. Safe to repeat.

    One transaction, so that a portal that is serving meanwhile never finds itself without them. Does nothing
    when `role` is itself the owner (an installation with one role): the system check says so.
    """
    connection = connections[alias]
    if connection.settings_dict["USER"] == role or not role:
        return
    with transaction.atomic(using=alias), connection.cursor() as cursor:
        who = sql.Identifier(role)
        cursor.execute(sql.SQL("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {}").format(who))
        for table, allowed in tables().items():
            cursor.execute(_grant(table, allowed, who))
        cursor.execute(sql.SQL("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {}").format(who))
        for door in LEDGER_DOORS:
            cursor.execute(sql.SQL("GRANT EXECUTE ON FUNCTION {} TO {}").format(sql.SQL(door), who))


def _grant(table: str, allowed: tuple[str, ...], who: sql.Identifier) -> sql.Composed:
    words = sql.SQL(", ").join(sql.SQL(word) for word in allowed)
    return sql.SQL("GRANT {} ON {} TO {}").format(words, sql.Identifier(table), who)
