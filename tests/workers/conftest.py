"""Real workers, started as people start them."""

from tests.chaos.floor import floor, valkey

__all__ = ["floor", "valkey"]
