"""Each attack on a bundle is found, and named by the cause that it must have."""

import re

import pytest

from portal.env import ROOT
from runs.evidence.verifier.causes import MEANINGS, Cause
from tests.attacks.bundle_cases import CASES, BundleCase
from tests.attacks.trying import tried


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_an_attack_on_a_bundle_is_named(case: BundleCase) -> None:
    verdict = tried(case)

    said = [f"{found.cause.name}: {found.said}" for found in verdict.findings.found]
    assert verdict.cause == case.expected, said


def test_no_two_attacks_have_one_name() -> None:
    assert len({case.name for case in CASES}) == len(CASES)


def test_every_cause_that_a_bundle_can_have_is_tried_or_tested_as_hostile() -> None:
    elsewhere = {Cause.USAGE, Cause.ZIP, Cause.LIMIT}  # tests/evidence

    assert {case.expected for case in CASES} | elsewhere == set(Cause)
    assert set(MEANINGS) == set(Cause)


def test_the_table_that_is_printed_has_a_target() -> None:
    assert re.search(r"^test-attacks:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
