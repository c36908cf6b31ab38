"""Opening contents for a page: every text and every file goes through the ticket that is made here."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest

from governance.web.acting import actor_of
from runs.reading.models import Ticket
from runs.reading.reading import Reading, begin
from runs.reading.services import About


def opened(
    request: HttpRequest,
    about: About,
    contents: Iterable[UUID | None],
    *,
    purpose: str,
    kind: Ticket.Kind = Ticket.Kind.OPENED,
    used_as: Mapping[UUID, str] | None = None,
) -> Reading:
    """What this page is about to show, told first; a page that shows nothing makes no entry.

    Confidential and personal contents are masked until they are revealed. See `begin` for `used_as`.

    Call it once the person is known to see the page's object.
    """
    actor, key = actor_of(request), request.session.session_key
    seen: dict[str, Any] = {"purpose": purpose, "contents": contents, "kind": kind, "used_as": used_as}
    return begin(about, actor=actor, session_key=key, **seen)
