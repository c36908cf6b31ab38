"""The world of the matrix, for the cases that only look."""

from tests.web.conftest import world

__all__ = ["world"]
