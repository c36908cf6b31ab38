"""How the portal words figures, moments and states; plain functions, so that every page says the same."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

from django.utils import timezone

NONE = "\N{EN DASH}"
MINUS = "\N{MINUS SIGN}"
SYMBOLS: Final = {"EUR": "€", "USD": "$", "GBP": "£"}
CENT = Decimal("0.01")
FOUR_PLACES = 4  # a list of small amounts reads best when most have as many
MINUTE, HOUR, DAY = 60, 3600, 86400
MOST_MILLISECONDS = 99.5  # from here on in seconds
MOST_SECONDS = 99.95  # from here on in minutes
MOMENT = 45  # seconds that need no figure
LONGEST_WHOLE = 16  # characters of an id or digest that is shown uncut

TONES: Final[dict[str, frozenset[str]]] = {
    "ok": frozenset({"succeeded", "approved", "approve", "released", "active", "verified", "met"}),
    "wait": frozenset({"open", "waiting", "pending", "retrying", "ready", "needs_review"}),
    "bad": frozenset(
        {
            "failed",
            "rejected",
            "reject",
            "broken",
            "expired",
            "revoked",
            "quarantined",
            "compensation_failed",
        }
    ),
    "hold": frozenset({"held", "paused", "blocked", "compensated"}),
    "info": frozenset({"running", "compensating"}),
}
ICONS: Final = {
    "ok": "circle-check",
    "wait": "clock",
    "bad": "alert-triangle",
    "hold": "player-pause",
    "info": "progress",
}
MESSAGE_TONES: Final = {"success": "ok", "warning": "wait", "error": "bad"}
WHY: Final = {
    "running": ("info", "What is happening:"),
    "compensating": ("info", "What is happening:"),
    "failed": ("bad", "Why it stopped:"),
    "quarantined": ("bad", "Why it stopped:"),
    "compensation_failed": ("bad", "Why it stopped:"),
    "cancelled": ("hold", "Why it stopped:"),
    "compensated": ("hold", "Why it stopped:"),
    "paused": ("hold", "Why it is not moving:"),
}


def short_digest(value: object) -> str:
    """First eight and last four hex digits of a digest; values that are short already stay whole."""
    text = value.hex() if isinstance(value, bytes | memoryview) else str(value or "")
    text = text.removeprefix("sha256:")
    return f"{text[:8]}…{text[-4:]}" if len(text) > LONGEST_WHOLE else text


def short_id(value: object) -> str:
    """An id in short. Ids of the same second begin alike (UUID version 7), so the end is shown too."""
    text = str(value or "")
    return f"{text[:8]}…{text[-4:]}" if len(text) > LONGEST_WHOLE else text


def duration(value: float | Decimal | timedelta | None) -> str:
    """Milliseconds (or a `timedelta`) as people say them: "38 ms", "0.9 s", "21 min", "3 h 5 min"."""
    if value is None:
        return NONE
    ms = value.total_seconds() * 1000 if isinstance(value, timedelta) else float(value)
    seconds = ms / 1000
    if ms < MOST_MILLISECONDS:
        return f"{ms:.0f} ms"
    if seconds < MOST_SECONDS:
        return f"{seconds:.1f} s"
    return _long(round(seconds))


def _long(seconds: int) -> str:
    if seconds < HOUR:
        return f"{round(seconds / MINUTE)} min"
    large, small, names = (DAY, HOUR, ("d", "h")) if seconds >= 2 * DAY else (HOUR, MINUTE, ("h", "min"))
    whole, rest = divmod(round(seconds / small), large // small)
    return f"{whole} {names[0]} {rest} {names[1]}" if rest else f"{whole} {names[0]}"


def money(value: Decimal | float | None, currency: str = "EUR") -> str:
    """An amount with two places, or two figures that matter when it is a fraction of a cent: "€0.0017"."""
    if value is None:
        return NONE
    amount = Decimal(str(value))
    places = 2 if amount == 0 or abs(amount) >= 1 else max(2, min(9, 1 - amount.adjusted()))
    sign, text = MINUS if amount < 0 else "", f"{abs(amount):,.{places}f}"
    shortest = FOUR_PLACES if abs(amount) < CENT else 2
    while places > shortest and text.endswith("0"):
        text, places = text[:-1], places - 1
    return f"{sign}{SYMBOLS.get(currency, currency + ' ')}{text}"


def tokens(value: int | None) -> str:
    """A count with thousands set apart: "1,204"."""
    return NONE if value is None else f"{value:,}"


def utc(at: datetime | None) -> str:
    """The moment in full, always UTC: "14 Nov 2026, 10:02:17 UTC"."""
    return at.astimezone(UTC).strftime("%-d %b %Y, %H:%M:%S UTC") if at else NONE


def relative(at: datetime | None) -> str:
    """The moment seen from now: "21 min ago", "in 3 h"; after a month, the date. As in `times.js`."""
    if at is None:
        return NONE
    gap = (timezone.now() - at).total_seconds()
    distance = abs(gap)
    if distance < MOMENT:
        return "just now" if gap >= 0 else "in a moment"
    if distance >= 30 * DAY:
        return f"{at.astimezone(UTC):%-d %b %Y}"
    steps = ((90 * MINUTE, MINUTE, "min"), (36 * HOUR, HOUR, "h"), (30 * DAY, DAY, "d"))
    size, name = next((size, name) for limit, size, name in steps if distance < limit)
    amount = f"{int(distance / size + 0.5)} {name}"
    return f"{amount} ago" if gap >= 0 else f"in {amount}"


def initials(name: object) -> str:
    """One or two letters for a person without a picture."""
    words = [word for word in str(name or "").replace("@", " ").split() if word[0].isalnum()]
    return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper()


def state_tone(state: object) -> str:
    """The tone of a state, `none` for states that ask for nothing and alarm nobody."""
    word = str(state or "").lower().replace(" ", "_").replace("-", "_")
    return next((tone for tone, states in TONES.items() if word in states), "none")


def state_word(state: object) -> str:
    """A stored state as a word for people: "rolled_back" is "Rolled back"."""
    return str(state or "").replace("_", " ").replace("-", " ").capitalize()


def why_of(state: object) -> tuple[str, str]:
    """The tone and the heading of the sentence that says why a run is where it is."""
    return WHY.get(str(state), ("wait", "Why it is not moving:"))


def tone_icon(tone: object) -> str:
    """The shape that says the same as the colour."""
    return ICONS.get(str(tone), "circle-dashed")


def message_tone(level: object) -> str:
    """The tone of one of Django's message levels."""
    return MESSAGE_TONES.get(str(level), "info")
