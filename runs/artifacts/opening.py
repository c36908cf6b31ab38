"""Taking the bytes of an artifact out of wherever they are: the one place that reads them."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import BinaryField, Func, TextField, Value
from django.db.models.functions import Substr

from governance.errors import DomainError
from governance.ledger.canonical import sha256_hex
from runs.artifacts.models import Artifact
from runs.artifacts.storing import NotStored, StoreAway, fetched


class ArtifactDamaged(DomainError):
    """The stored bytes are not the ones that were stored: they must not be shown or used."""


class ContentMissing(ArtifactDamaged):
    """The store that this machine reaches has nothing where the bytes should be: another may have them."""


class ContentRemoved(ArtifactDamaged):
    """The bytes were removed when their time was over; what is recorded of them stays."""


# The digest that the bytes in a row have now, computed by the database.
NOW: Final = Func(
    Func("inline", function="sha256"), Value("hex"), function="encode", output_field=TextField()
)
# Why a content cannot be had now, which says nothing of whoever needs it.
UNREACHED = (StoreAway, ContentMissing)
FEW: Final = 3


def bytes_of(artifact: Artifact) -> bytes:
    """The artifact's bytes, their digest recomputed just now.

    Raises `ArtifactDamaged` when it differs, `ContentRemoved` when they were removed as a rule says,
    `ContentMissing` when they are gone, `StoreAway` when the store does not answer.
    """
    if artifact.pruned_at is not None:
        raise removed(artifact)
    if artifact.inline is not None:
        return intact(bytes(artifact.inline), artifact.sha256)
    try:
        return intact(fetched(artifact.place), artifact.sha256)
    except NotStored as gone:
        artifact.refresh_from_db(fields=["pruned_at"])
        if artifact.pruned_at is not None:  # while it was being opened
            raise removed(artifact) from gone
        raise ContentMissing(
            f"The content stored as {artifact.sha256[:12]}… is not in the store that this machine reaches."
        ) from gone


def removed(artifact: Artifact) -> ContentRemoved:
    """What there is to say of a content without bytes."""
    return ContentRemoved(
        f"The content stored as {artifact.sha256[:12]}… was removed on {artifact.pruned_at:%d %B %Y}, when "
        "the time for which such contents are kept was over."
    )


@dataclass(frozen=True)
class Beginning:
    """How a content begins; nothing of one that is not what was recorded, or was removed at `removed_at`."""

    body: bytes
    intact: bool
    removed_at: datetime | None = None


def beginnings_of(artifacts: Iterable[UUID], most: int) -> dict[UUID, Beginning]:
    """The first bytes of each, for a list; the database cuts them off and recomputes the digests."""
    rows = Artifact.objects.filter(pk__in=artifacts).defer("inline")
    found = rows.annotate(
        cut=Substr("inline", 1, most, output_field=BinaryField()),
        now=NOW,
    )
    return {each.pk: _beginning(each, most) for each in found}


def _beginning(artifact: Artifact, most: int) -> Beginning:
    if artifact.pruned_at is not None:
        return Beginning(b"", False, artifact.pruned_at)
    cut: bytes | None = artifact.cut  # type: ignore[attr-defined]  # annotated
    if cut is None:
        body = released(artifact)
        return Beginning((body or b"")[:most], body is not None)
    same = artifact.now == artifact.sha256  # type: ignore[attr-defined]  # annotated
    return Beginning(bytes(cut) if same else b"", same)


@dataclass(frozen=True)
class Looked:
    """A content, and the digest that its bytes have now; empty where there are none.

    None where the store, which has those that are `stored`, did not give them.
    """

    artifact: UUID
    organisation: UUID
    sha256: str
    stored: bool
    now: str | None


def looked_at(after: UUID | None, *, most: int, most_bytes: int) -> list[Looked]:
    """The next contents in the order of their identifiers, their digests computed anew.

    The database does so for those in rows; of those in the store at most so many bytes are read, and at least
    one. One that the store does not give is the last.
    """
    rows = Artifact.objects.filter(pk__gt=after) if after else Artifact.objects.all()
    found: list[Looked] = []
    for each in rows.defer("inline").order_by("pk").annotate(now=NOW)[:most]:
        if each.place:
            if found and most_bytes < each.size:
                break
            most_bytes -= each.size
        found.append(_looked(each))
        if found[-1].now is None:
            break
    return found


def looked_again(artifacts: Iterable[UUID]) -> list[Looked]:
    """These contents, their digests computed anew."""
    return [
        _looked(each) for each in Artifact.objects.filter(pk__in=artifacts).defer("inline").annotate(now=NOW)
    ]


def store_gives_others(besides: Iterable[UUID]) -> bool:
    """Whether the store gives any of a few other contents: it is there, and is the one that had them."""
    others = Artifact.objects.exclude(place="").exclude(pk__in=besides).values_list("place", flat=True)
    for place in others[:FEW]:
        with suppress(NotStored, StoreAway):
            fetched(place)
            return True
    return False


def _looked(artifact: Artifact) -> Looked:
    about = (artifact.pk, artifact.organisation_id, artifact.sha256, bool(artifact.place))
    try:
        return Looked(*about, _digest_now(artifact))
    except StoreAway:
        return Looked(*about, None)


def _digest_now(artifact: Artifact) -> str:
    """Of a content that was removed when its time was over, what it was."""
    if not artifact.place:
        in_row: str | None = artifact.now  # type: ignore[attr-defined]  # annotated
        return in_row or artifact.sha256
    try:
        return sha256_hex(fetched(artifact.place))
    except NotStored:
        artifact.refresh_from_db(fields=["pruned_at"])  # it may have been removed while it was looked for
        return "" if artifact.pruned_at is None else artifact.sha256


def released(artifact: Artifact) -> bytes | None:
    """The artifact's bytes; None when they are not the recorded ones any more."""
    try:
        return bytes_of(artifact)
    except ArtifactDamaged:
        return None


def is_intact(artifact: Artifact) -> bool:
    """Whether the artifact's bytes still have the digest that was recorded; they may have been removed."""
    return artifact.pruned_at is not None or released(artifact) is not None


def intact(body: bytes, sha256: str) -> bytes:
    """The same bytes, once their digest is known to be the recorded one. Raises `ArtifactDamaged`."""
    found = sha256_hex(body)
    if found != sha256:
        raise ArtifactDamaged(
            f"The content stored as {sha256[:12]}… has the digest {found[:12]}…: it was altered."
        )
    return body
