"""POST /evidence/, GET /evidence/policy/<organisation>/"""

import io
from hashlib import sha256
from pathlib import Path

import pytest
from pytest_django import Settings

from runs.evidence.verifier.causes import Cause
from runs.evidence.verifier.policy import read_policy
from runs.evidence.verifier.verdict import verify_bundle
from runs.records.models import Run
from tests.api.callers import Caller
from tests.attacks.story import NOW
from tests.factories.cast import Company
from tests.factories.evidence import REASON, proven
from tests.harness.fresh import FreshDatabase


@pytest.fixture
def run(fresh_database: FreshDatabase, northwind: Company, tmp_path: Path, settings: Settings) -> Run:
    return proven(northwind, tmp_path, settings)


def test_a_bundle_and_its_policy(run: Run, northwind: Company, auditor: Caller) -> None:
    asked = {"kind": "run", "id": str(run.pk), "purpose": "audit", "reason": REASON, "reveal": ["personal"]}

    answer = auditor.post("evidence/", asked)
    policy = auditor.get(f"evidence/policy/{northwind.slug}/")

    assert answer["X-Content-SHA256"] == sha256(answer.content).hexdigest()
    verdict = verify_bundle(io.BytesIO(answer.content), read_policy(policy.content), NOW)
    assert (verdict.cause, dict(verdict.left_out)) == (Cause.HOLDS, {})


def test_a_period_needs_its_days(run: Run, northwind: Company, auditor: Caller) -> None:
    asked = {"kind": "period", "id": str(northwind.project.pk), "purpose": "audit", "reason": REASON}

    without = auditor.post("evidence/", asked)
    given = auditor.post("evidence/", {**asked, "first": "2020-01-01", "last": "2020-01-02"})

    assert (without.status_code, given.status_code) == (400, 200)
    assert [error["field"] for error in without.json()["errors"]] == ["first"]


def test_what_is_wrong_is_named(run: Run, auditor: Caller) -> None:
    asked = {"kind": "run", "id": str(run.pk), "purpose": "audit", "reason": "because"}

    answer = auditor.post("evidence/", asked)

    assert answer.status_code == 400
    assert "10 letters" in answer.content.decode()


def test_another_organisations_evidence_is_not_there(run: Run, northwind: Company, outsider: Caller) -> None:
    asked = {"kind": "run", "id": str(run.pk), "purpose": "audit", "reason": REASON}

    assert outsider.post("evidence/", asked).status_code == 404
    assert outsider.get(f"evidence/policy/{northwind.slug}/").status_code == 404
