"""What was made earlier."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch

from django.utils import timezone


@contextmanager
def earlier(time: timedelta) -> Iterator[None]:
    """Within this block the clock of the application, not that of the database, is behind by `time`."""
    now = timezone.now
    with patch.object(timezone, "now", lambda: now() - time):
        yield
