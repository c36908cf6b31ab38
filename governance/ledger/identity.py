"""Identifiers that sort by the time they were made (UUID version 7, RFC 9562)."""

import uuid

from uuid_utils import compat


def uuid7() -> uuid.UUID:
    """A new time-ordered identifier."""
    return compat.uuid7()
