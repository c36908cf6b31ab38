"""A process whose functions are not those that a release pinned."""

from collections.abc import Iterator
from contextlib import contextmanager

from governance.catalog.functions import Announcement, announce, announced


@contextmanager
def other_code(reference: str = "nothing@1") -> Iterator[None]:
    """This process has another version of the function's code."""
    known = announced(reference)
    assert known is not None
    announce(Announcement(known.reference, known.takes, known.summary, "0" * 64))
    try:
        yield
    finally:
        announce(known)
