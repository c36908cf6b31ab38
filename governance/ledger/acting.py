"""Naming who acts where what governs is changed without an event of its own."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from governance.ledger.services import Actor


@contextmanager
def acting(actor: Actor) -> Iterator[None]:
    """Within this block, one transaction, what governs may be changed in the name of `actor`.

    The database tells of each row itself, and refuses the whole transaction when nobody is named in it. A
    service needs no such block: the event that it records names its actor.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT ledger_act(%s)", [actor.pk])
        yield
