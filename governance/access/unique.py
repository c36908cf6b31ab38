"""What must be unique is decided by the database, and told in words."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, transaction
from psycopg.errors import UniqueViolation

from governance.errors import Invalid


@contextmanager
def unless_taken(field: str, message: str) -> Iterator[None]:
    """Insert within this block. Raises `Invalid` for the field when somebody has, or just took, the name."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as problem:
        if not isinstance(problem.__cause__, UniqueViolation):
            raise
        raise Invalid(message, fields={field: message}) from problem
