"""The privileges of the application's role, derived from the models: an `Immutable` table takes INSERT alone."""

from django.apps import apps
from django.db import connections, models
from psycopg import sql

from governance.ledger.immutable import Immutable
from governance.ledger.models import Event

READ_WRITE = ("SELECT", "INSERT", "UPDATE", "DELETE")
INSERT_ONLY = ("SELECT", "INSERT")
READ_ONLY = ("SELECT",)
LEDGER_DOOR = "ledger_record(uuid, text, uuid, text, text, uuid, uuid, bytea)"


def privileges(model: type[models.Model]) -> tuple[str, ...]:
    """What the application may do with the model's table."""
    if model is Event:
        return READ_ONLY
    return INSERT_ONLY if issubclass(model, Immutable) else READ_WRITE


def apply_grants(*, alias: str, role: str) -> None:
    """Give `role` exactly the privileges above on every table, run as the tables' owner. Safe to repeat.

    Does nothing when `role` is itself the owner (an installation with one role): the system check says so.
    """
    connection = connections[alias]
    if connection.settings_dict["USER"] == role or not role:
        return
    with connection.cursor() as cursor:
        who = sql.Identifier(role)
        cursor.execute(sql.SQL("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {}").format(who))
        for model in apps.get_models(include_auto_created=True):
            if model._meta.managed and not model._meta.proxy:
                cursor.execute(_grant(model._meta.db_table, privileges(model), who))
        cursor.execute(_grant("portal_cache", READ_WRITE, who))
        cursor.execute(_grant("django_migrations", READ_ONLY, who))
        cursor.execute(sql.SQL("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {}").format(who))
        cursor.execute(sql.SQL("GRANT EXECUTE ON FUNCTION {} TO {}").format(sql.SQL(LEDGER_DOOR), who))


def _grant(table: str, allowed: tuple[str, ...], who: sql.Identifier) -> sql.Composed:
    words = sql.SQL(", ").join(sql.SQL(word) for word in allowed)  # type: ignore[arg-type]
    return sql.SQL("GRANT {} ON {} TO {}").format(words, sql.Identifier(table), who)
