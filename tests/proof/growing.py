"""Events for logs to grow by, through the ledger's own function."""

from uuid import UUID, uuid4

import psycopg
from django.db import transaction

from governance.ledger.kinds import Kind
from governance.ledger.services import record
from tests.factories.cast import Company
from tests.factories.logs import TELL


def tell(company: Company, times: int = 1) -> list[UUID]:
    """Record so many events of the company's, each in a transaction of its own; their identifiers."""
    return [_told(company) for _ in range(times)]


def _told(company: Company) -> UUID:
    with transaction.atomic():
        return record(
            Kind.WEIGHT_SET, actor=company.owner, organisation=company.organisation.pk,
            about=("organisation", uuid4()), details={"n": 1},
        )  # fmt: skip


def tell_on(connection: psycopg.Connection, company: Company, times: int = 1) -> None:
    """Record so many events on this connection, in the transaction that is open there, if one is."""
    connection.execute(TELL, [company.organisation.pk, company.owner.pk, times])
