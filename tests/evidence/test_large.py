"""Bundles of much at once: what one may hold, and what is said of more."""

import io
import json
from pathlib import Path

import pytest
from pytest_django import Settings

from governance.errors import Invalid
from governance.ledger.kinds import Kind
from governance.ledger.models import Event
from runs.evidence.policy import policy_of
from runs.evidence.verifier.causes import Cause
from runs.evidence.verifier.policy import read_policy
from runs.evidence.verifier.verdict import verify_bundle
from runs.records.models import Step
from tests.attacks.story import NOW
from tests.durable.turning import settle
from tests.factories.cast import Company
from tests.factories.evidence import bundle_of, prove
from tests.factories.standing import in_parts
from tests.harness.fresh import FreshDatabase

ITEMS = 1_000


def test_a_run_over_a_thousand_items_has_a_bundle(
    fresh_database: FreshDatabase,
    northwind: Company,
    settings: Settings,
    tmp_path: Path,
) -> None:
    settings.EVIDENCE_KEY_FILE = tmp_path / "evidence.pem"
    run = settle(in_parts(northwind, items=ITEMS, at_once=8))
    assert run.state == "succeeded"
    prove(northwind, tmp_path)

    made = bundle_of(run, by=northwind.auditor)

    policy = read_policy(json.dumps(policy_of(northwind.organisation)).encode())
    verdict = verify_bundle(io.BytesIO(made.content), policy, NOW)
    assert (verdict.cause, verdict.events) == (Cause.HOLDS, made.events)
    assert made.events > Step.objects.filter(run__parent=run).count() == ITEMS


@pytest.mark.parametrize(
    ("limit", "said"),
    [
        ("runs.evidence.gathering.MOST_EVENTS", "more than 3 records of this, too many for one bundle"),
        ("runs.evidence.gathering.MOST_RUNS", "more than 3 runs, too many for one bundle"),
        ("runs.evidence.verifier.events.MOST_EVENTS", "more than one bundle may hold: choose less"),
    ],
)
def test_more_than_a_bundle_may_hold_is_refused_in_words(
    fresh_database: FreshDatabase,
    northwind: Company,
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    limit: str,
    said: str,
) -> None:
    settings.EVIDENCE_KEY_FILE = tmp_path / "evidence.pem"
    run = settle(in_parts(northwind, items=5, at_once=5))
    prove(northwind, tmp_path)
    monkeypatch.setattr(limit, 3)
    with pytest.raises(Invalid, match=said):
        bundle_of(run, by=northwind.auditor)
    assert not Event.objects.filter(kind=Kind.EVIDENCE_EXPORTED).exists()
