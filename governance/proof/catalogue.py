"""The database's own catalogue: what protects the ledger as it is defined, and whether it is still the same.

Who owns the database can drop a trigger, edit, and restore it: the definitions are then the same again, and
the trigger another one. So two digests are recorded: of the definitions, and of the identity of each trigger,
function, rule, column and table of the ledger (which a restore or VACUUM FULL changes, too).
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from django.db import connection, transaction

from governance.accounts.models import User
from governance.ledger.canonical import sha256_hex
from governance.ledger.kinds import Kind
from governance.ledger.models import Event
from governance.ledger.services import record
from governance.proof.findings import Finding
from governance.proof.querysets import INSTALLATION

SQL: Final = Path(__file__).parent / "sql"
IDENTITY: Final = (SQL / "identity.sql").read_text(encoding="utf-8")
DIGESTED: Final = """
    SELECT encode(sha256(convert_to(string_agg(name || ' ' || mark, chr(10) ORDER BY name), 'UTF8')), 'hex')
"""
DIGEST: Final = f"{DIGESTED} FROM ({IDENTITY}) AS part"
DEFINITIONS: Final = (SQL / "definitions.sql").read_text(encoding="utf-8")
MIGRATED: Final = "SELECT id, app || '.' || name FROM django_migrations WHERE id > %s ORDER BY id"
ABOUT: Final = "catalogue"
MOST_NAMED: Final = 20
REPLACED: Final = (
    "What protects the ledger was replaced by something equal, and no migration ran: a trigger, function, "
    "rule, column or table was taken away and put back{}."
)
DEFINED: Final = "The database's definitions are not those that were last recorded."
OTHERS: Final = "The database's triggers, functions or tables are others than were last recorded, and equal."


class Catalogue:
    """Remembers what it recorded last, so that each change is told once."""

    def __init__(self) -> None:
        self._identity = ""
        self._parts: dict[str, str] = {}

    def look(self) -> bool:
        """Record the catalogue if it is not the one that was recorded last; whether it was recorded."""
        identity = _identity()
        if identity == self._identity:
            return False
        before, parts = _recorded(), _parts()
        if changed := before is None or before["identity"] != identity:
            with transaction.atomic():
                record(
                    Kind.CATALOGUE_CHANGED,
                    actor=User.objects.system("keeper"),
                    organisation=None,
                    about=(ABOUT, INSTALLATION),
                    details=_told(identity, before) | {"changed": self._changed(parts)},
                )
        self._identity, self._parts = identity, parts
        return changed

    def _changed(self, parts: dict[str, str]) -> list[str] | None:
        """The names of some of what is another; None where the one before was not seen by this process."""
        if not self._parts:
            return None
        names = {name for name, _ in self._parts.items() ^ parts.items()}
        return sorted(names)[:MOST_NAMED]


def differences() -> Iterator[Finding]:
    """What a reader should know: replacements that were recorded, and what differs from the last record."""
    events = [*Event.objects.filter(object_type=ABOUT, object_id=INSTALLATION).order_by("id")]
    for event in events:
        told = event.details
        before = told.get("before")
        if before and before["definitions"] == told["definitions"] and not told["migrations"]:
            named = f" ({', '.join(told['changed'])})" if told["changed"] else ""
            yield Finding(
                "catalogue_replaced", REPLACED.format(named), INSTALLATION, event=event.pk, at=event.at
            )
    if events and (last := events[-1].details)["identity"] != _identity():
        defined = last["definitions"] == _definitions()
        code = "catalogue_identity" if defined else "catalogue_definitions"
        yield Finding(code, OTHERS if defined else DEFINED, INSTALLATION)


def _recorded() -> dict[str, Any] | None:
    last = Event.objects.filter(object_type=ABOUT, object_id=INSTALLATION).order_by("-id").first()
    return last.details if last else None


def _told(identity: str, before: dict[str, Any] | None) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(MIGRATED, [before["migrated_to"] if before else 0])
        ran = cursor.fetchall()
    return {
        "before": {name: before[name] for name in ("definitions", "identity")} if before else None,
        "definitions": _definitions(),
        "identity": identity,
        "migrated_to": ran[-1][0] if ran else before["migrated_to"] if before else 0,
        "migrations": [name for _, name in ran][-MOST_NAMED:] if before else [],
    }


def _identity() -> str:
    with connection.cursor() as cursor:
        cursor.execute(DIGEST)
        return str(cursor.fetchone()[0])


def _parts() -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute(IDENTITY)
        return dict(cursor.fetchall())


def _definitions() -> str:
    with connection.cursor() as cursor:
        cursor.execute(DEFINITIONS)
        return sha256_hex("\n".join(row[0] for row in cursor.fetchall()).encode())
