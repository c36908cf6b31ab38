"""A shop floor: real workers and sweepers."""

from tests.chaos.floor import floor, valkey

__all__ = ["floor", "valkey"]
