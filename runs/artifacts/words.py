"""The words of a text, the same when it is stored and when it is searched for.

Editors and mail programs exchange quotes, dashes, spaces and line ends, join letters, and show or hide the
marks of Markdown. None of that tells one sentence from another, so only the words are compared.
PostgreSQL's own text parser depends on the server's locale and takes addresses, hyphens and numbers apart in
its own ways, so the words are found here and handed over as a finished `tsvector` or `tsquery`.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

import orjson

LONGEST_WORD: Final = 60  # characters; a longer run is known by its beginning
LAST_POSITION: Final = 16_383  # PostgreSQL's limits for one tsvector
MOST_POSITIONS: Final = 255
LARGEST_VECTOR: Final = 700_000  # bytes; PostgreSQL refuses 1 MB
# A word of this kind in a vector says that not every position is known, so that a phrase may hide in it.
UNPLACED: Final = "\u00a7"

# Scripts that are written without spaces: Thai and Lao, Burmese, Khmer, kana and bopomofo, Han.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u312f\u31a0-\u31ff"
    "\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
_TOKEN: Final = re.compile(rf"(?P<unspaced>[{_UNSPACED}]+)|[^ {_UNSPACED}]+")
PART: Final = re.compile(rf"[{_UNSPACED}]|[^ {_UNSPACED}]+")  # of folded text: a word, an unspaced character
_BEYOND_ASCII: Final = re.compile(r"[^\x00-\x7f]")
# What stands between words in folded characters; the low line too, unless it joins a name: "draft_reply".
GAP: Final = re.compile(rf"(?:[^\w{_UNSPACED}]|(?<![^\W_])_|_(?![^\W_]))+")
_ASCII_WORD: Final = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)*")  # what GAP leaves of plain letters


def folded(text: str) -> str:
    """The text as it is compared: its words alone, a space between them, no difference of case or form."""
    plain = _BEYOND_ASCII.sub(lambda found: folded_character(found[0]), unicodedata.normalize("NFC", text))
    return GAP.sub(" ", plain.casefold()).strip()


@lru_cache(maxsize=4096)
def folded_character(character: str) -> str:
    """A composed character in its plain form: "ﬁ" as "fi", "²" as "2"; nothing for one without a shape."""
    if unicodedata.category(character) == "Cf":  # a soft hyphen, a joiner, a mark of direction
        return ""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKC", character).casefold())


def words(text: str) -> list[str]:
    """The words in their order; a run of an unspaced script as overlapping pairs and its last character."""
    if text.isascii():  # most are, and this takes a third of the time
        return [word[:LONGEST_WORD] for word in _ASCII_WORD.findall(text.lower())]
    found: list[str] = []
    for match in _TOKEN.finditer(folded(text)):
        run = match[0]
        if match["unspaced"] is None:
            found.append(run[:LONGEST_WORD])
        else:
            found.extend(run[at : at + 2] for at in range(len(run)))
    return found


def readable(body: bytes, media_type: str) -> str:
    """What a person reads in the content: the text itself, or the names and values of JSON without its marks.

    Raises `UnicodeDecodeError` for what is not UTF-8.
    """
    text = body.decode("utf-8")
    if media_type != "application/json":
        return text
    try:
        return "\n".join(_leaves(orjson.loads(body)))
    except orjson.JSONDecodeError:
        return text


def text_vector(body: bytes, media_type: str) -> str:
    """The words of the content as the text of a PostgreSQL `tsvector`: cast it with `::tsvector`.

    Of very long contents only the beginning is indexed (about 700 kB of distinct words and places).
    """
    found = words(readable(body, media_type))
    if len(found) <= MOST_POSITIONS:  # short: PostgreSQL itself puts the places of a word together
        return " ".join([f"{_quoted(word)}:{position}" for position, word in enumerate(found, start=1)])
    return _placed(found)


def _placed(found: Sequence[str]) -> str:
    """The words, each once with its places, as far as they fit."""
    places: dict[str, list[int]] = {}
    size, complete = 0, True
    for position, word in enumerate(found, start=1):
        held = places.get(word)
        size += 4 if held is not None else (len(word) if word.isascii() else len(word.encode())) + 12
        if size > LARGEST_VECTOR:
            complete = False
            break
        if held is None:
            held = places[word] = []
        if position <= LAST_POSITION and len(held) < MOST_POSITIONS:
            held.append(position)
        else:
            complete = False
    if not complete:
        places[UNPLACED] = []
    return " ".join(_lexeme(word, at) for word, at in places.items())


def phrase_query(fragment: str, *, whole_start: bool) -> str:
    """A pasted fragment as the text of a `tsquery` (cast it with `::tsquery`), empty when it holds no word.

    The last word may be cut off, so its beginning is enough; without `whole_start` a first word that may be
    the end of a longer one is left out. Contents whose places are not all known match by all their words.
    """
    parts = words(fragment)
    if not whole_start and len(parts) > 1 and not _is_unspaced(parts[0]):
        parts = parts[1:]
    if not parts:
        return ""
    terms = [_quoted(part) for part in parts[:-1]] + [f"{_quoted(parts[-1])}:*"]
    return f"({' <-> '.join(terms)}) | ({' & '.join([_quoted(UNPLACED), *dict.fromkeys(terms)])})"


def _is_unspaced(word: str) -> bool:
    found = _TOKEN.match(word)
    return found is not None and found["unspaced"] is not None


def _lexeme(word: str, places: list[int]) -> str:
    return f"{_quoted(word)}:{','.join(map(str, places))}" if places else _quoted(word)


def _quoted(word: str) -> str:
    return "'" + word.replace("\\", "\\\\").replace("'", "''") + "'"


def _leaves(value: Any) -> list[str]:
    """Names and values in their order; without recursion, since a document may be nested a thousand deep."""
    found: list[str] = []
    waiting = [value]
    while waiting:
        held = waiting.pop()
        if isinstance(held, dict):
            waiting.extend(part for key in reversed(held) for part in (held[key], key))
        elif isinstance(held, list):
            waiting.extend(reversed(held))
        else:
            found.append(held if isinstance(held, str) else orjson.dumps(held).decode())
    return found
