"""Numbers that are written in groups, or not."""

import pytest

from runs.insight.numbers import number_in
from runs.insight.search import search
from tests.factories.cast import Company
from tests.insight.conftest import Finished


@pytest.mark.parametrize(
    ("stored", "asked"),
    [
        ("4539 1488 0343 6467", "4539148803436467"),
        ("4539148803436467", "4539 1488 0343 6467"),
        ("4539-1488-0343-6467", "4539\u00a01488\u00a00343 6467"),
        ("3782 822463 10005", "378282246310005"),
        ("DE89 3704 0044 0532 0130 00", "de89370400440532013000"),
        ("GB29NWBK60161331926819", "GB29 NWBK 6016 1331 9268 19"),
        ("+44 20 7946 0958", "442079460958"),
        ("4539 1488 0343 6467", "453914880343"),
    ],
)
def test_a_number_is_the_same_in_other_groups(
    northwind: Company, finished: Finished, stored: str, asked: str
) -> None:
    run = finished(northwind, f"Dear bank, it is {stored}. Yours")
    finished(northwind, "Dear bank, it is 4539 1499 0343 6467, or DE88 3704 0044 0532 0130 00. Yours")
    [hit] = search(asked, actor=northwind.auditor).inputs
    assert hit.run == run
    assert hit.passage is not None
    assert stored.strip("+").startswith(hit.passage.match)


@pytest.mark.parametrize(
    "other", ["", "88206", "CASE-88206", "charged 25 euros on 12 May 2026", "4be90d1f", "7" * 80, "1 & 2"]
)
def test_what_is_no_long_number_is_read_as_words(other: str) -> None:
    assert number_in(other) == ""
