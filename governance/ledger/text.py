"""Text that people hand in, checked before it is stored: a wrong one is theirs to mend, not our failure."""

import unicodedata

from governance.errors import Invalid

# Marks that turn the order of the letters after them: what is read is not what is written (UAX #9).
TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
SLUG_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")


def storable(value: str, *, field: str, longest: int, missing: str = "") -> str:
    """The text without blanks at its ends. Raises `Invalid` naming `field` for what a column cannot hold.

    `longest` is in characters; `missing` is what to say of an empty text, which is else allowed.
    """
    value = value.strip()
    if missing and not value:
        raise _wrong(field, missing)
    if len(value) > longest:
        raise _wrong(field, f"The {field} may have {longest:,} characters; this has {len(value):,}.")
    if complaint := unstorable(value):
        raise _wrong(field, f"The {field} {complaint}.")
    return value


def printable(value: str, *, field: str = "name", longest: int, missing: str) -> str:
    """A name as it will stand under records: storable, on one line, and read as it is written."""
    value = storable(value, field=field, longest=longest, missing=missing)
    if any(letter in TURNING or unicodedata.category(letter) in {"Cc", "Zl", "Zp"} for letter in value):
        raise _wrong(field, f"The {field} contains a character that breaks the line or turns its direction.")
    return value


def slug(value: str, *, field: str = "slug", longest: int) -> str:
    """The text, if it is made of letters, digits, hyphens and underscores. Raises `Invalid`."""
    if not value or not SLUG_LETTERS.issuperset(value) or len(value) > longest:
        raise _wrong(field, f"Use letters, digits, hyphens and underscores, at most {longest}.")
    return value


def unstorable(value: str) -> str:
    """Why PostgreSQL, or a digest, cannot take this text, as the end of a sentence; empty when they can."""
    if "\x00" in value:
        return "contains a NUL character, which cannot be stored"
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return "contains half of a surrogate pair, which is not text"
    return ""


def _wrong(field: str, message: str) -> Invalid:
    return Invalid(message, fields={field: message})
