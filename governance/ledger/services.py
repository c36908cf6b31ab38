"""Writing to the ledger."""

from collections.abc import Mapping
from typing import Any, Protocol
from uuid import UUID

from django.db import connection

from governance.errors import DomainError, Invalid
from governance.ledger.canonical import canonical
from governance.ledger.kinds import Kind

LARGEST_DETAILS = 30_000


class Actor(Protocol):
    """Whoever acts: a person, or a named system actor."""

    @property
    def pk(self) -> UUID: ...

    @property
    def name(self) -> str: ...


class NotInTransaction(DomainError):
    """An event was recorded outside the transaction of what it records: a programming error."""


def record(
    kind: Kind,
    *,
    actor: Actor,
    organisation: UUID | None,
    about: tuple[str, UUID],
    run: UUID | None = None,
    details: Mapping[str, Any] | None = None,
) -> UUID:
    """Insert one event into the current transaction and return its identifier.

    `about` is the object's type and identifier. If this fails, so does the caller's change: both stand in one
    transaction. Raises `NotInTransaction` without one and `Invalid` when the details have no canonical form
    or are larger than 30,000 bytes (larger content belongs into an artifact).
    """
    if not connection.in_atomic_block:
        raise NotInTransaction(f"{kind} was recorded outside a transaction.")
    body = details_bytes(details)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ledger_record(%s, %s, %s, %s, %s, %s, %s, %s)",
            [organisation, kind.value, actor.pk, actor.name, about[0], about[1], run, body],
        )
        row = cursor.fetchone()
    return UUID(str(row[0]))


def details_bytes(details: Mapping[str, Any] | None) -> bytes:
    """An event's details as the canonical bytes that `ledger_record` takes. Raises `Invalid` as `record`."""
    body = canonical(dict(details or {}))
    if len(body) > LARGEST_DETAILS:
        raise Invalid(f"An event's details may hold {LARGEST_DETAILS:,} bytes; these are {len(body):,}.")
    return body
