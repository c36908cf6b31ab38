"""What somebody put into the search box, taken apart: an identifier, a digest, a version's name, or text."""

import re
from dataclasses import dataclass
from typing import Final
from uuid import UUID

LONGEST: Final = 600  # characters of text; far more than finds an output
FEWEST_HEX: Final = 8
WHOLE_DIGEST: Final = 64
LONGEST_REFERENCE: Final = 200

_DIGEST: Final = re.compile(r"(?:sha-?256[:= ]\s*)?([0-9a-f]{8,64})", re.IGNORECASE)
_SHORTENED: Final = re.compile(r"([0-9a-f]{6,16})(?:…|\.{2,3})([0-9a-f]{4,16})", re.IGNORECASE)
_UUID: Final = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}", re.IGNORECASE)
_UUID_START: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{0,27}", re.IGNORECASE)
_VERSION: Final = re.compile(r"([\w-]{1,80})(?:@|\s*·?\s+(?:v|version\s+)?)v?([0-9]{1,6})", re.IGNORECASE)
_UNSTORABLE: Final = re.compile(r"[\x00\ud800-\udfff]+")


@dataclass(frozen=True)
class Query:
    """One search. Each part is empty when the text cannot be read that way.

    `starts` and `ends` are the hexadecimal digits that an identifier or digest begins and ends with.
    """

    text: str
    shortened: bool = False
    cleaned: bool = False
    identifier: UUID | None = None
    digest: str = ""
    starts: str = ""
    ends: str = ""
    reference: str = ""
    version: tuple[str, int] | None = None


def understood(raw: str) -> Query:
    """Read what was typed, pasted or dropped. Never raises: whatever it is, it is at least text."""
    clean = _UNSTORABLE.sub(" ", raw)
    words = clean.split()
    text = " ".join(words) if len(clean) <= LONGEST else _cut(words)
    if not text:
        return Query(text="", cleaned=clean != raw)
    starts, ends = _ends(text)
    full = _DIGEST.fullmatch(text)
    named = _VERSION.fullmatch(text)
    return Query(
        text=text,
        shortened=len(text) < len(" ".join(words)),
        cleaned=clean != raw,
        identifier=UUID(text) if _UUID.fullmatch(text) else None,
        digest=full[1].lower() if full and len(full[1]) == WHOLE_DIGEST else "",
        starts=starts,
        ends=ends,
        reference=text if len(text) <= LONGEST_REFERENCE else "",
        version=(named[1], int(named[2])) if named else None,
    )


def _cut(words: list[str]) -> str:
    """As many whole words as fit; of a single endless one, its beginning."""
    found, length = [], 0
    for word in words:
        length += len(word) + 1
        if length > LONGEST + 1:
            break
        found.append(word)
    return " ".join(found) or words[0][:LONGEST]


def _ends(text: str) -> tuple[str, str]:
    """The known digits of an identifier or digest in short: "4be90d1f…a07c", or a beginning of eight."""
    if between := _SHORTENED.fullmatch(text):
        return between[1].lower(), between[2].lower()
    if _UUID_START.fullmatch(text):
        return text.replace("-", "").lower(), ""
    found = _DIGEST.fullmatch(text)
    return (found[1].lower(), "") if found and FEWEST_HEX <= len(found[1]) < WHOLE_DIGEST else ("", "")
