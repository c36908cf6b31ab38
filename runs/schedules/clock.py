"""The one clock that schedules go by."""

from datetime import datetime

from django.db import connection


def database_now() -> datetime:
    """The moment on PostgreSQL's clock, whatever the one of this machine says."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        found: datetime = cursor.fetchone()[0]
    return found
