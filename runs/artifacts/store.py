"""From bytes or text to artifacts: checked, digested, and written once per organisation."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import orjson
from django.db import connection, transaction

from governance.errors import Invalid
from governance.ledger.canonical import canonical, sha256_hex
from governance.ledger.strict_json import read_json
from runs.artifacts.models import Artifact, artifact_id
from runs.artifacts.storing import StoreAway, is_large, stored
from runs.artifacts.words import text_vector

TEXT = "text/plain"
JSON = "application/json"
OCTETS = "application/octet-stream"
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Document:
    """A document that a run is started with. `filename` is only a label."""

    filename: str
    body: bytes


@dataclass(frozen=True)
class Content:
    """Checked bytes of a media type, with their digest; not stored yet. Search may leave it out."""

    body: bytes
    media_type: str
    searched: bool = True
    sha256: str = field(init=False)

    def __post_init__(self) -> None:
        """Take the digest of the bytes."""
        object.__setattr__(self, "sha256", sha256_hex(self.body))

    def identifier(self, organisation: UUID) -> UUID:
        """The identifier of the artifact that holds this content in the organisation."""
        return artifact_id(organisation, self.sha256, self.media_type)

    def vector(self) -> str | None:
        """The words for search as the text of a `tsvector`; none for what is not text or not searched."""
        if self.media_type == OCTETS or not self.searched:
            return None
        return text_vector(self.body, self.media_type)


def checked(body: bytes | str, *, media_type: str, max_bytes: int, what: str) -> Content:
    """The content, exactly as it was handed in, once it is known to be storable text or JSON.

    `what` names it in the message. Raises `Invalid` when it is larger than `max_bytes`, empty, not UTF-8, not
    strict JSON where JSON is declared, or contains a NUL character or half of a surrogate pair.
    """
    encoded = _encoded(body, what) if isinstance(body, str) else bytes(body)
    if not encoded:
        raise Invalid(f"{what} is empty.")
    if len(encoded) > max_bytes:
        raise Invalid(f"{what} has {len(encoded):,} bytes; {max_bytes:,} are allowed.")
    try:
        text = encoded.decode("utf-8")
    except UnicodeDecodeError as problem:
        raise Invalid(f"{what} is not UTF-8 text: byte {problem.start + 1:,} cannot be decoded.") from problem
    if "\x00" in text:
        raise Invalid(f"{what} contains a NUL character, which cannot be stored.")
    if media_type == JSON:
        read_json(encoded, what=what)
    return Content(encoded, media_type)


def json_content(value: Any, *, max_bytes: int, what: str) -> Content:
    """A value as canonical JSON. Raises `Invalid` when it has none or is larger than `max_bytes`."""
    body = canonical(value)
    if len(body) > max_bytes:
        raise Invalid(f"{what} has {len(body):,} bytes; {max_bytes:,} are allowed.")
    return Content(body, JSON)


def value_of(body: bytes, media_type: str) -> Any:
    """What a step sees of a content: the text (without a byte order mark), or the JSON value."""
    return orjson.loads(body) if media_type == JSON else body.decode("utf-8-sig")


def as_text(value: Any) -> str:
    """A value where text is wanted: text as it is, anything else as compact JSON."""
    return value if isinstance(value, str) else orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


@dataclass(frozen=True)
class Ready:
    """A content with all that is written of it."""

    identifier: UUID
    content: Content
    vector: str | None


def ready(contents: Iterable[Content], *, organisation: UUID) -> list[Ready]:
    """Each content once, with its words: what takes time, to be done before a transaction begins.

    In the order of their identifiers, so that two writers of the same contents cannot deadlock. What is too
    large for a row is written here already, wholly, and is not among them: nobody can tell that it is there
    before something names it. What the store does not take now is among them: it stands in its row, so that
    nothing that was made, and perhaps paid for, is lost while the store is away.
    """
    unique = {content.identifier(organisation): content for content in contents}
    found = [
        Ready(identifier, unique[identifier], unique[identifier].vector()) for identifier in sorted(unique)
    ]
    return [each for each in found if not (is_large(each.content.body) and _placed(each, organisation))]


def _placed(found: Ready, organisation: UUID) -> bool:
    """Whether the store has it, and its row says where."""
    try:
        place = stored(found.content.body, found.content.sha256, organisation=organisation)
        pruned = _write([_row(found, organisation, place=place)], [found])
        if pruned:
            _placed_again(found, organisation, pruned)
    except StoreAway:
        log.warning(
            "a content of %d bytes stands in the database: the store is away", len(found.content.body)
        )
        return False
    return True


def _placed_again(found: Ready, organisation: UUID, pruned: Sequence[UUID]) -> None:
    """After whoever removes the file has had their turn, and found that a row says where it is."""
    with transaction.atomic():
        list(Artifact.objects.select_for_update().filter(pk__in=pruned).values_list("pk").order_by("pk"))
        stored(found.content.body, found.content.sha256, organisation=organisation)


def keep(contents: Iterable[Ready], *, organisation: UUID) -> None:
    """In this transaction: write the contents that the organisation does not have yet, with their words."""
    written = list(contents)
    _write([_row(found, organisation, inline=found.content.body) for found in written], written)


def _row(found: Ready, organisation: UUID, **where: Any) -> Artifact:
    return Artifact(
        id=found.identifier,
        organisation_id=organisation,
        sha256=found.content.sha256,
        media_type=found.content.media_type,
        size=len(found.content.body),
        **{"place": "", **where},
    )


# What was removed, or is to be, is used again.
AGAIN: Final = """
    UPDATE runs_artifact AS pruned
    SET body = CASE WHEN pruned_at IS NULL THEN pruned.body ELSE %s::bytea END,
        place = CASE WHEN pruned_at IS NULL THEN pruned.place ELSE %s END,
        pruned_by_id = NULL, pruned_at = NULL
    WHERE id = %s AND pruned_by_id IS NOT NULL
"""


def _write(rows: Sequence[Artifact], contents: Sequence[Ready]) -> list[UUID]:
    """Which of them, or of their copies, were removed, or are to be: they are used again."""
    Artifact.objects.bulk_create(rows, ignore_conflicts=True)
    digests, organisations = {row.sha256 for row in rows}, {row.organisation_id for row in rows}
    copies = Artifact.objects.filter(
        sha256__in=digests, organisation__in=organisations, pruned_by__isnull=False
    )
    pruned = list(copies.order_by("pk").values_list("pk", flat=True))
    with connection.cursor() as cursor:
        again = [
            (row, found.content.body) for row, found in zip(rows, contents, strict=True) if row.pk in pruned
        ]
        cursor.executemany(AGAIN, [(None if row.place else body, row.place, row.pk) for row, body in again])
        cursor.executemany(
            "INSERT INTO runs_artifact_text (artifact_id, vector) VALUES (%s, %s::tsvector)"
            " ON CONFLICT DO NOTHING",
            [(found.identifier, found.vector) for found in contents if found.vector is not None],
        )
    return pruned


def _encoded(text: str, what: str) -> bytes:
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as problem:
        raise Invalid(f"{what} contains half of a surrogate pair, which is not text.") from problem
