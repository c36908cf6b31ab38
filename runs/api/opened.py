"""Opening contents for an answer: every text and every file goes through the ticket that is made here."""

from collections.abc import Iterable
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
) -> Reading:
    """What the answer is about to tell, told first; an answer that tells nothing makes no entry."""
    actor, key = endpoint.actor, endpoint.request.session.session_key
    return begin(about, actor=actor, session_key=key, purpose=purpose, contents=contents, kind=kind)
