"""Identifiers that sort by the time they were made (UUID version 7, RFC 9562)."""

import uuid
from datetime import datetime

from uuid_utils import compat


def uuid7() -> uuid.UUID:
    """A new time-ordered identifier."""
    return compat.uuid7()


def first_uuid7(moment: datetime) -> uuid.UUID:
    """The smallest identifier of this moment: rows made since have a larger one."""
    return uuid.UUID(int=(_milliseconds(moment) << 80) | (7 << 76) | (2 << 62))


def last_uuid7(moment: datetime) -> uuid.UUID:
    """No row of this moment has a larger identifier, also where the database rounded the moment up."""
    return uuid.UUID(int=((_milliseconds(moment) + 2) << 80) - 1)


def _milliseconds(moment: datetime) -> int:
    """Since 1970; nothing was identified before."""
    return max(0, int(moment.timestamp() * 1000))
