"""Opening contents for an answer: every text and every file goes through the ticket that is made here."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from governance.api.endpoint import Endpoint
from runs.reading.models import Ticket
from runs.reading.reading import Reading, begin
from runs.reading.services import About


def opened(
    endpoint: Endpoint,
    about: About,
    contents: Iterable[UUID | None],
    *,
    purpose: str,
    kind: Ticket.Kind = Ticket.Kind.OPENED,
    used_as: Mapping[UUID, str] | None = None,
) -> Reading:
    """What the answer is about to tell, told first; an answer that tells nothing makes no entry.

    Confidential and personal contents are masked until they are revealed. See `begin` for `used_as`.
    """
    actor, key = endpoint.actor, endpoint.request.session.session_key
    seen: dict[str, Any] = {"purpose": purpose, "contents": contents, "kind": kind, "used_as": used_as}
    return begin(about, actor=actor, session_key=key, **seen)
