"""Real workers for the tests that kill them."""

from tests.chaos.floor import floor, valkey
from tests.harness.folders import places

__all__ = ["floor", "places", "valkey"]
