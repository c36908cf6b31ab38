"""What the tests of definitions share."""

from collections.abc import Iterator

import pytest

from governance.catalog import functions
from governance.catalog.functions import Announcement, announce

DIGEST = "0" * 64


@pytest.fixture
def two_functions() -> Iterator[None]:
    """`keep@1` and `undo@1`, which take `text`, are known while a test runs."""
    for name in ("keep@1", "undo@1"):
        announce(Announcement(name, frozenset({"text"}), "For the test.", DIGEST))
    yield
    for name in ("keep@1", "undo@1"):
        functions._announced.pop(name)
