"""Real workers for the tests that kill them."""

from tests.chaos.floor import floor, valkey

__all__ = ["floor", "valkey"]
