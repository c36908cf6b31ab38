"""Figures, moments and states in words."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from django.utils import timezone

from portal.web import wording

DIGEST = "4be90d1f6d2c8d2a7a55a3f9d0c1b2e3f4a5968778695a4b3c2d1e0fa1b2a07c"


@pytest.mark.parametrize(
    ("milliseconds", "words"),
    [
        (None, wording.NONE),
        (0, "0 ms"),
        (38, "38 ms"),
        (99.6, "0.1 s"),
        (900, "0.9 s"),
        (62_100, "62.1 s"),
        (99_949, "99.9 s"),
        (99_950, "2 min"),
        (1_260_000, "21 min"),
        (3_600_000, "1 h"),
        (11_100_000, "3 h 5 min"),
        (86_400_000, "24 h"),
        (200_000_000, "2 d 8 h"),
        (timedelta(seconds=2), "2.0 s"),
    ],
)
def test_a_duration_reads_as_people_say_it(milliseconds: float | timedelta | None, words: str) -> None:
    assert wording.duration(milliseconds) == words


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (None, wording.NONE),
        (Decimal(0), "€0.00"),
        (Decimal("0.00171234"), "€0.0017"),
        (Decimal("0.0002"), "€0.0002"),
        (Decimal("0.000000123"), "€0.00000012"),
        (Decimal("0.05"), "€0.05"),
        (Decimal("0.31"), "€0.31"),
        (Decimal("1234.5"), "€1,234.50"),
        (Decimal("-3.1"), "\N{MINUS SIGN}€3.10"),
        (Decimal("0.052"), "€0.052"),
    ],
)
def test_money_keeps_the_figures_that_matter(amount: Decimal | None, words: str) -> None:
    assert wording.money(amount) == words


def test_money_names_its_currency() -> None:
    assert wording.money(Decimal("2"), "USD") == "$2.00"
    assert wording.money(Decimal("2"), "CHF") == "CHF 2.00"


def test_ids_of_the_same_second_can_be_told_apart() -> None:
    first, second = UUID("0199f3c2-7d41-7000-8000-00000000a07c"), UUID("0199f3c2-7d41-7000-8000-00000000b118")
    assert wording.short_id(first) == "0199f3c2…a07c"
    assert wording.short_id(first) != wording.short_id(second)


@pytest.mark.parametrize("value", [DIGEST, f"sha256:{DIGEST}", bytes.fromhex(DIGEST)])
def test_a_digest_is_shortened_in_the_middle(value: object) -> None:
    assert wording.short_digest(value) == "4be90d1f…a07c"


@pytest.mark.parametrize(
    ("gap", "words"),
    [
        (timedelta(seconds=5), "just now"),
        (timedelta(seconds=-5), "in a moment"),
        (timedelta(minutes=21), "21 min ago"),
        (timedelta(hours=3), "3 h ago"),
        (timedelta(hours=-3), "in 3 h"),
        (timedelta(days=2), "2 d ago"),
    ],
)
def test_a_moment_is_told_from_now(gap: timedelta, words: str) -> None:
    assert wording.relative(timezone.now() - gap) == words


def test_a_moment_long_ago_is_a_date_and_its_full_form_is_utc() -> None:
    at = datetime(2020, 2, 3, 4, 5, 6, tzinfo=UTC)
    assert wording.relative(at) == "3 Feb 2020"
    assert wording.utc(at.astimezone(tz=None)) == "3 Feb 2020, 04:05:06 UTC"


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Ines Calder", "IC"),
        ("Maria de la Cruz", "MC"),
        ("Plato", "P"),
        ("", ""),
        ("ines@example.org", "IE"),
        ("—", ""),
    ],
)
def test_a_person_has_initials(name: str, letters: str) -> None:
    assert wording.initials(name) == letters


def test_every_state_of_the_models_that_asks_for_attention_has_its_tone() -> None:
    tones = {
        state: wording.state_tone(state)
        for state in ("succeeded", "failed", "running", "open", "held", "queued")
    }
    assert list(tones.values()) == ["ok", "bad", "info", "wait", "hold", "none"]
    assert wording.state_word("rolled_back") == "Rolled back"
    assert wording.tone_icon("ok") != wording.tone_icon("bad") != wording.tone_icon("none")
