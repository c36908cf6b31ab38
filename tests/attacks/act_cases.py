"""The table of attacks that are acts, filled."""

from tests.attacks import on_governed, on_order, on_reading
from tests.attacks.acts import CASES

__all__ = ["CASES", "on_governed", "on_order", "on_reading"]
