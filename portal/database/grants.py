"""The privileges of the application's role, derived from the models: an `Immutable` table takes no change.

The keeper may have a role of its own, which alone may then sequence, sign, and say what was verified.
"""

from typing import Final

from django.apps import apps
from django.db import connections, models, transaction
from django.db.backends.utils import CursorWrapper
from psycopg import sql

from governance.ledger.immutable import Immutable
from portal.database.guards import CHANGING, KEPT

READ_WRITE = ("SELECT", "INSERT", "UPDATE", "DELETE")
INSERT_ONLY = ("SELECT", "INSERT")
READ_ONLY = ("SELECT",)
RECORD: Final = "ledger_record(uuid, text, uuid, text, text, uuid, uuid, bytea)"
SIGN: Final = "ledger_sign(uuid, uuid, text, bigint, bytea, bytea, text)"
TELLING_DOORS = (RECORD, "ledger_record_run(uuid, uuid, text, uuid, text[], text[], uuid[], text[])")
# The keeper's alone where it has a role of its own.
KEEPING_DOORS = (
    "ledger_sequence(integer)",
    "ledger_keep_tiles(uuid[], smallint[], bigint[], bytea[], bytea[])",
    SIGN,
    "ledger_announce(uuid, uuid, bytea)",
    "ledger_keep_cosignature(uuid, text, bytea, timestamptz)",
    "ledger_turn(uuid, uuid, text, bytea)",
    "ledger_keep_round(bigint, integer, jsonb, double precision)",
    "ledger_find(bytea, uuid)",
    "ledger_thaw_by(uuid, bytea)",
)
LEDGER_DOORS = (*TELLING_DOORS, *KEEPING_DOORS)
# The tables that functions alone write, and nobody by a statement of one's own.
BEHIND_DOORS: Final = "ledger_"
# What the keeper reads beside its tables and those of governance: nothing that people wrote for others.
KEEPER_READS = frozenset({"runs_run", "runs_step", "django_migrations", "django_content_type"})
CLOSED_TO_KEEPER = frozenset({"access_api_token"})

KEEPERS: Final = """
    SELECT r.rolname FROM pg_proc p, aclexplode(p.proacl) a JOIN pg_roles r ON r.oid = a.grantee
    WHERE p.oid = to_regprocedure(%s) AND a.privilege_type = 'EXECUTE' AND a.grantee <> p.proowner
      AND NOT has_table_privilege(a.grantee, 'accounts_user', 'INSERT')
    ORDER BY 1 LIMIT 1
"""

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
    if meta.db_table.startswith(BEHIND_DOORS) or meta.label_lower in MIGRATED:
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


def keeper_tables() -> dict[str, tuple[str, ...]]:
    """What the keeper's own role may read; it writes through functions alone."""
    ours = {
        model._meta.db_table
        for model in apps.get_app_config("governance").get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
    }
    return dict.fromkeys(sorted((ours | KEEPER_READS) - CLOSED_TO_KEEPER), READ_ONLY)


def doors(*, keeper: bool, apart: bool) -> tuple[str, ...]:
    """The functions that the role may execute, where the keeper has a role of its own (`apart`) or not."""
    if keeper:
        return (RECORD, *KEEPING_DOORS)
    return TELLING_DOORS if apart else LEDGER_DOORS


def apply_grants(*, alias: str, role: str, keeper: str = "") -> None:
    """Give `role` exactly the privileges above on every table, run as the tables' owner. Safe to repeat.

    `keeper` is the keeper's own role; left out, the one that it had before, if any.
    One transaction, so that a portal that is serving meanwhile never finds itself without them. Does nothing
    when `role` is itself the owner (an installation with one role): the system check says so.
    """
    connection = connections[alias]
    owner = connection.settings_dict["USER"]
    if not role or owner == role:
        return
    with transaction.atomic(using=alias), connection.cursor() as cursor:
        keeper = keeper if keeper not in {"", role, owner} else keeper_role(cursor)
        _grant_all(cursor, role, tables(), doors(keeper=False, apart=bool(keeper)))
        if keeper:
            _grant_all(cursor, keeper, keeper_tables(), doors(keeper=True, apart=True))


def keeper_role(cursor: CursorWrapper) -> str:
    """The role that may sign and is not the application's, which writes accounts; empty for none."""
    cursor.execute(KEEPERS, [SIGN])
    found = cursor.fetchone()
    return str(found[0]) if found else ""


def _grant_all(
    cursor: CursorWrapper, role: str, tables: dict[str, tuple[str, ...]], functions: tuple[str, ...]
) -> None:
    who = sql.Identifier(role)
    cursor.execute(sql.SQL("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {}").format(who))
    for table, allowed in tables.items():
        cursor.execute(_grant(table, allowed, who))
    cursor.execute(sql.SQL("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {}").format(who))
    for door in LEDGER_DOORS:
        cursor.execute("SELECT has_function_privilege(%s, %s, 'EXECUTE')", [role, door])
        if cursor.fetchone()[0] != (door in functions):
            words = "GRANT EXECUTE ON FUNCTION {} TO {}"
            words = words if door in functions else "REVOKE EXECUTE ON FUNCTION {} FROM {}"
            cursor.execute(sql.SQL(words).format(sql.SQL(door), who))


def _grant(table: str, allowed: tuple[str, ...], who: sql.Identifier) -> sql.Composed:
    words = sql.SQL(", ").join(sql.SQL(word) for word in allowed)
    return sql.SQL("GRANT {} ON {} TO {}").format(words, sql.Identifier(table), who)
