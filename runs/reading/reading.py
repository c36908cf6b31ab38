"""One look at contents, by one person: the ticket in the hand of whoever shows them."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from governance.accounts.models import User
from runs.artifacts.models import Artifact
from runs.artifacts.opening import ArtifactDamaged, Beginning
from runs.reading.models import Ticket
from runs.reading.services import About, open_ticket, read, read_beginnings, read_searched


@dataclass(frozen=True)
class Reading:
    """A ticket, the person that it was given to, and their session."""

    ticket: Ticket
    actor: User
    session: str

    def bytes_of(self, artifact: Artifact) -> bytes:
        """The bytes. Raises as `read`."""
        return read(self.ticket, artifact, actor=self.actor, session=self.session)

    def released(self, artifact: Artifact) -> bytes | None:
        """The bytes; None when they are not the recorded ones any more. Raises `NotAllowed`."""
        try:
            return self.bytes_of(artifact)
        except ArtifactDamaged:
            return None

    def beginnings(self, contents: Iterable[UUID], most: int) -> dict[UUID, Beginning]:
        """How each begins. Raises as `read`."""
        return read_beginnings(self.ticket, contents, actor=self.actor, session=self.session, most=most)


@dataclass(frozen=True)
class Searching:
    """The ticket of a search, and who searches."""

    ticket: Ticket
    actor: User

    def released(self, artifact: Artifact) -> bytes | None:
        """The bytes, to be compared. Raises as `read`."""
        return read_searched(self.ticket, artifact, actor=self.actor)


def session_of(actor: User, session_key: str | None) -> str:
    """What a ticket is bound to besides the person: the token that calls, else the browser's session."""
    return f"token {actor.token.pk}" if actor.token else session_key or ""


def begin(
    about: About,
    *,
    actor: User,
    session_key: str | None,
    purpose: str,
    contents: Iterable[UUID | None],
    kind: Ticket.Kind = Ticket.Kind.OPENED,
) -> Reading:
    """Commit what is about to be seen, and hold the ticket; of nothing there is no entry.

    Raises as `open_ticket`.
    """
    wanted = [found for found in contents if found is not None]
    if not wanted:
        return Reading(Ticket(actor=actor), actor, "")
    session = session_of(actor, session_key)
    ticket = open_ticket(about, actor=actor, session=session, kind=kind, purpose=purpose, contents=wanted)
    return Reading(ticket, actor, session)
