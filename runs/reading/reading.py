"""One look at contents, by one person: the ticket in the hand of whoever shows them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from uuid import UUID

from governance.accounts.models import User
from governance.errors import NotAllowed
from runs.artifacts.classes import MASKED, class_words
from runs.artifacts.models import Artifact
from runs.artifacts.opening import ArtifactDamaged, Beginning
from runs.lineage.classes import classes_of
from runs.reading.models import Ticket
from runs.reading.revealing import revealed_to
from runs.reading.services import About, open_ticket, read, read_beginnings, read_searched


@dataclass(frozen=True)
class Reading:
    """A ticket, the person that it was given to, and their session.

    `masked` are the contents that were asked for and that it does not open, with the class of each: they are
    confidential or personal, and the person has not revealed them.
    """

    ticket: Ticket
    actor: User
    session: str
    masked: Mapping[UUID, str] = field(default_factory=dict)

    def bytes_of(self, artifact: Artifact) -> bytes:
        """The bytes. Raises as `read`."""
        return read(self.ticket, artifact, actor=self.actor, session=self.session)

    def whole(self, artifact: Artifact) -> bytes:
        """The bytes, to be handed over. Raises `NotAllowed` where they are masked, and as `read`."""
        if level := self.masked.get(artifact.pk):
            raise NotAllowed(
                f"This content is masked ({class_words(level).lower()}): reveal it first, with a purpose and"
                " a reason. It is then handed over for five minutes.",
                missing="reveal",
            )
        return self.bytes_of(artifact)

    def released(self, artifact: Artifact) -> bytes | None:
        """The bytes; None when they are not the recorded ones any more. Raises `NotAllowed`."""
        try:
            return self.bytes_of(artifact)
        except ArtifactDamaged:
            return None

    def beginnings(self, contents: Iterable[UUID], most: int) -> dict[UUID, Beginning]:
        """How each begins that is not masked. Raises as `read`."""
        clear = [found for found in contents if found not in self.masked]
        if not clear:
            return {}
        return read_beginnings(self.ticket, clear, actor=self.actor, session=self.session, most=most)


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
    used_as: Mapping[UUID, str] | None = None,
) -> Reading:
    """Commit what is about to be seen, and hold the ticket; of nothing there is no entry.

    Confidential and personal contents are masked, unless this person has revealed them in this session.
    `used_as` are classes that the caller knows besides those of inputs and outputs. Raises as `open_ticket`.
    """
    wanted = {found for found in contents if found is not None}
    masked = _masked(wanted, used_as or {}, actor, session_of(actor, session_key))
    clear = wanted - masked.keys()
    reading = begin_asked(
        about, actor=actor, session_key=session_key, purpose=purpose, contents=clear, kind=kind
    )
    return replace(reading, masked=masked)


def begin_asked(
    about: About,
    *,
    actor: User,
    session_key: str | None,
    purpose: str,
    contents: Iterable[UUID],
    kind: Ticket.Kind,
) -> Reading:
    """The same where whoever calls has decided which classes may be seen, and nothing is masked."""
    wanted = list(contents)
    if not wanted:
        return Reading(Ticket(actor=actor), actor, "")
    session = session_of(actor, session_key)
    ticket = open_ticket(about, actor=actor, session=session, kind=kind, purpose=purpose, contents=wanted)
    return Reading(ticket, actor, session)


def _masked(wanted: set[UUID], used_as: Mapping[UUID, str], actor: User, session: str) -> dict[UUID, str]:
    """Those that must not be seen, with the class of each."""
    levels = classes_of(wanted, used_as)
    masked = {content: level for content, level in levels.items() if level in MASKED}
    revealed = revealed_to(actor, session, masked) if masked else set()
    return {content: level for content, level in masked.items() if content not in revealed}
