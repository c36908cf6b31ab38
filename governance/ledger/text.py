"""Text that people hand in, checked before it is stored: a wrong one is theirs to mend, not our failure."""

from governance.errors import Invalid

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
