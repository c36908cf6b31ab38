"""When a schedule fires: by the clocks of its zone, over changes of them, and to the end of months."""

from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.errors import Invalid
from runs.schedules.timing import MOST_COUNTED, Timing, checked, passed

BERLIN, NEW_YORK = "Europe/Berlin", "America/New_York"


def local(zone: str, cron: str, begin: str, count: int) -> list[str]:
    """The next times after a local moment, as the clocks there show them, with what they are off UTC."""
    here = datetime.fromisoformat(begin).replace(tzinfo=ZoneInfo(zone))
    found = islice(Timing(zone, cron=cron).after(here.astimezone(UTC)), count)
    return [each.astimezone(ZoneInfo(zone)).isoformat(timespec="minutes") for each in found]


@pytest.mark.parametrize(
    ("zone", "cron", "begin", "expected"),
    [
        # The hour from 2 to 3 does not exist: what is set into it fires when the clock goes on.
        (BERLIN, "30 2 * * *", "2026-03-28T12:00", ["2026-03-29T03:00+02:00", "2026-03-30T02:30+02:00"]),
        (NEW_YORK, "30 2 * * *", "2026-03-07T12:00", ["2026-03-08T03:00-04:00", "2026-03-09T02:30-04:00"]),
        # It comes twice: what is set into it fires the first time.
        (BERLIN, "30 2 * * *", "2026-10-24T12:00", ["2026-10-25T02:30+02:00", "2026-10-26T02:30+01:00"]),
        (NEW_YORK, "30 1 * * *", "2026-10-31T12:00", ["2026-11-01T01:30-04:00", "2026-11-02T01:30-05:00"]),
        # What recurs within the day follows the hours that there are.
        (BERLIN, "0 * * * *", "2026-03-29T00:30", ["2026-03-29T01:00+01:00", "2026-03-29T03:00+02:00"]),
        (
            NEW_YORK,
            "0 * * * *",
            "2026-11-01T00:30",
            ["2026-11-01T01:00-04:00", "2026-11-01T01:00-05:00", "2026-11-01T02:00-05:00"],
        ),
        # Nine in the morning is nine in the morning.
        (BERLIN, "0 9 * * 1-5", "2026-03-27T12:00", ["2026-03-30T09:00+02:00", "2026-03-31T09:00+02:00"]),
        (NEW_YORK, "0 9 * * *", "2026-10-31T12:00", ["2026-11-01T09:00-05:00"]),
        # The last day of a month, the 31st, the leap day.
        ("UTC", "0 0 L * *", "2028-01-31T12:00", ["2028-02-29T00:00+00:00", "2028-03-31T00:00+00:00"]),
        ("UTC", "0 0 31 * *", "2027-01-31T12:00", ["2027-03-31T00:00+00:00", "2027-05-31T00:00+00:00"]),
        ("UTC", "0 0 29 2 *", "2026-01-01T00:00", ["2028-02-29T00:00+00:00", "2032-02-29T00:00+00:00"]),
    ],
)
def test_it_fires_by_the_clocks_of_its_zone(zone: str, cron: str, begin: str, expected: list[str]) -> None:
    assert local(zone, cron, begin, len(expected)) == expected


def test_within_the_second_of_two_equal_hours_nothing_fires_again() -> None:
    second = datetime(2026, 10, 25, 2, 10, fold=1, tzinfo=ZoneInfo(BERLIN))

    [found] = islice(Timing(BERLIN, cron="30 2 * * *").after(second.astimezone(UTC)), 1)

    assert found == datetime(2026, 10, 26, 1, 30, tzinfo=UTC)


def test_two_times_in_the_hour_that_is_skipped_are_one() -> None:
    assert local(BERLIN, "0,30 2 * * *", "2026-03-28T12:00", 2) == [
        "2026-03-29T03:00+02:00",
        "2026-03-30T02:00+02:00",
    ]


def test_so_many_seconds_are_so_many_seconds_whatever_the_clocks_do() -> None:
    anchor = datetime(2026, 3, 28, 12, tzinfo=UTC)
    timing = Timing(BERLIN, every_s=86_400, anchor=anchor)

    found = list(islice(timing.after(anchor + timedelta(hours=1)), 2))

    assert found == [anchor + timedelta(days=1), anchor + timedelta(days=2)]


@pytest.mark.parametrize(
    ("zone", "cron", "every_s", "field"),
    [
        ("Europe/Atlantis", "0 9 * * *", None, "zone"),
        ("../../etc/passwd", "0 9 * * *", None, "zone"),
        ("", "0 9 * * *", None, "zone"),
        ("localtime", "0 9 * * *", None, "zone"),
        ("UTC", "", None, "cron"),
        ("UTC", "0 9 * * *", 60, "cron"),
        ("UTC", "", 59, "every_s"),
        ("UTC", "", 366 * 86_400 + 1, "every_s"),
        ("UTC", "0 9 * *", None, "cron"),
        ("UTC", "*/5 0 9 * * *", None, "cron"),  # no seconds
        ("UTC", "61 9 * * *", None, "cron"),
        ("UTC", "0 0 30 2 *", None, "cron"),
        ("UTC", "0 9 * * *\x00", None, "cron"),
        ("UTC", "0 9 * * \ud800", None, "cron"),
        ("UTC", "@daily", None, "cron"),
        ("UTC", ",".join(["1"] * 5000) + " 9 * * *", None, "cron"),
    ],
)
def test_what_never_fires_or_is_no_time_is_refused(
    zone: str, cron: str, every_s: int | None, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        checked(zone=zone, cron=cron, every_s=every_s)
    assert set(refused.value.fields) == {field}


@settings(max_examples=300, derandomize=True, deadline=None)
@given(st.lists(st.text("0123456789*/,-#LWMON", min_size=1, max_size=8), min_size=5, max_size=5))
def test_no_expression_makes_it_fail_and_what_is_taken_fires_again_and_again(fields: list[str]) -> None:
    try:
        timing = checked(zone=NEW_YORK, cron=" ".join(fields), every_s=None)
    except Invalid:
        return
    begin = datetime(2026, 10, 31, 12, tzinfo=UTC)
    found = list(islice(timing.after(begin), 3))
    assert [begin, *found] == sorted({begin, *found})
    assert timing.words()


def test_what_has_passed_is_counted_up_to_a_thousand_and_the_last_is_found() -> None:
    hourly, now = Timing("UTC", cron="0 * * * *"), datetime(2026, 11, 22, 17, 30, tzinfo=UTC)

    few = passed(hourly, first=datetime(2026, 11, 22, 15, tzinfo=UTC), now=now)
    many = passed(hourly, first=datetime(2020, 1, 1, tzinfo=UTC), now=now)

    last = datetime(2026, 11, 22, 17, tzinfo=UTC)
    assert (few.last, few.before) == (last, 2)
    assert (many.last, many.before) == (last, MOST_COUNTED)


@pytest.mark.parametrize(
    ("timing", "words"),
    [
        (Timing("UTC", cron="0 9 * * 1-5"), "At 09:00 on Monday through Friday"),
        (Timing("UTC", every_s=60), "Every minute"),
        (Timing("UTC", every_s=5400), "Every 90 minutes"),
        (Timing("UTC", every_s=86_400), "Every day"),
        (Timing("UTC", every_s=61), "Every 61 seconds"),
    ],
)
def test_it_is_said_in_words(timing: Timing, words: str) -> None:
    assert timing.words() == words
