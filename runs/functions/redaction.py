"""Finding personal data in text by its form and its check digits, and putting its kind in its place."""

import re
from collections.abc import Callable, Iterator
from typing import Any
from unicodedata import decimal

from runs.functions.registry import step_function

Check = Callable[[str], bool]
NOT_LOOKED_FOR = "names, postal addresses, dates of birth"
CARD_LENGTHS = range(13, 20)
DOUBLED = {str(digit): sum(divmod(2 * digit, 10)) for digit in range(10)}
IBAN_LENGTHS = range(15, 35)
PHONE_LENGTHS = range(9, 16)
# Other spaces, dashes and digits are read as the plain ones that they look like; each is one for one,
# so that a place in the plain text is the same place in the letter.
PLAIN = {
    **dict.fromkeys(map(ord, "\u00a0\u2007\u2009\u200a\u202f\u3000\t"), " "),
    **dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212\u00ad"), "-"),
    **{code: str(decimal(chr(code))) for code in range(0x660, 0x10000) if chr(code).isdecimal()},
    ord("\uff0b"): "+",
    ord("\uff20"): "@",
}

# The Social Security Administration never issues area 000, 666 or 900-999, group 00 or serial 0000.
_SSN = r"(?<![\w-])(?!000|666|9\d\d)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\w-])"
# HMRC: two prefix letters (not D F I Q U V; second not O; six pairs never used), six digits, suffix A to D.
_NINO = r"(?<!\w)(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z](?: ?\d){6} ?[A-D](?!\w)"
_EMAIL = r"(?<![\w.+%-])[\w.+%-]{1,64}@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,8}[^\W\d_]{2,24}(?![\w-])"
_IBAN = r"(?<!\w)[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]){11,30}(?!\w)"
_CARD = r"(?<![\d-])(?:\d[ -]?){12,18}\d(?![\d-])"
# International, or national with its trunk prefix; three zeros begin no number anywhere.
_PHONE = (
    r"(?<![\w+])(?!\(?000)(?:\+\d{1,3}|\(0\d{1,4}\)|0\d{1,4})"
    r"(?:[ ./-]?(?:\(\d{1,5}\)|\d{1,5})){2,6}(?!\w)"
)


def luhn(number: str) -> bool:
    """Whether a card number of 13 to 19 digits has the right check digit (ISO/IEC 7812-1, annex B)."""
    plain = number.replace(" ", "").replace("-", "")
    if len(plain) not in CARD_LENGTHS or plain == plain[0] * len(plain):
        return False
    doubled = sum(DOUBLED[digit] for digit in plain[-2::-2])
    return (sum(map(int, plain[-1::-2])) + doubled) % 10 == 0


def iban(number: str) -> bool:
    """Whether an account number has the right check digits (ISO 13616, modulus 97 of ISO/IEC 7064)."""
    plain = re.sub(r"[ -]", "", number)
    if len(plain) not in IBAN_LENGTHS:
        return False
    turned = plain[4:] + plain[:4]
    return int("".join(str(int(character, 36)) for character in turned)) % 97 == 1


def _phone(number: str) -> bool:
    digits = sum(character.isdigit() for character in number)
    return digits in PHONE_LENGTHS


def _any(_: str) -> bool:
    return True


# In this order: what has check digits first, so that a card number is not taken for a telephone number.
DETECTORS: tuple[tuple[str, str, re.Pattern[str], Check], ...] = (
    ("email", "[e-mail address]", re.compile(_EMAIL, re.ASCII), _any),
    ("iban", "[account number]", re.compile(_IBAN, re.IGNORECASE | re.ASCII), iban),
    ("card", "[card number]", re.compile(_CARD, re.ASCII), luhn),
    (
        "national_id",
        "[national identity number]",
        re.compile(f"{_SSN}|{_NINO}", re.IGNORECASE | re.ASCII),
        _any,
    ),
    ("phone", "[telephone number]", re.compile(_PHONE, re.ASCII), _phone),
)


@step_function("redact_personal_data", version=1, takes={"text"})
def redact_personal_data(*, text: Any) -> dict[str, Any]:
    """Replace card, account, telephone and national identity numbers and e-mail addresses; names stay.

    Only what has a form that can be recognised is replaced, and the output says what was not looked for:
    whoever declares its class must know that it may still name people.
    """
    if not isinstance(text, str):
        raise TypeError("only text can be redacted")
    found: dict[str, int] = {}
    for kind, words, pattern, check in DETECTORS:
        text, count = _replaced(text, words, pattern, check)
        if count:
            found[kind] = count
    return {"text": text, "found": found, "not_looked_for": NOT_LOOKED_FOR}


def _replaced(text: str, words: str, pattern: re.Pattern[str], check: Check) -> tuple[str, int]:
    parts: list[str] = []
    end = count = 0
    for start, stop in _spans(text.translate(PLAIN), pattern, check):
        parts += [text[end:start], words]
        end, count = stop, count + 1
    return "".join([*parts, text[end:]]), count


def _spans(text: str, pattern: re.Pattern[str], check: Check) -> Iterator[tuple[int, int]]:
    """Where the pattern stands with right check digits.

    A match may have run on into the next word: its longest beginning that ends with a whole word and passes
    counts.
    """
    at = 0
    while found := pattern.search(text, at):
        stop = next((stop for stop in _ends(found) if check(text[found.start() : stop])), None)
        if stop is None:
            at = found.start() + 1
        else:
            yield found.start(), stop
            at = stop


def _ends(found: re.Match[str]) -> Iterator[int]:
    yield found.end()
    for gap in reversed(list(re.finditer(r"[ ./-]+", found[0]))):
        yield found.start() + gap.start()
