"""Evidence from the pages: forms, downloads, and what is beside them."""

import io
import json
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from governance.ledger.kinds import Kind
from governance.ledger.models import Event
from runs.evidence.assemble import assembled, digest_of_verifier
from runs.evidence.verifier.causes import Cause
from runs.evidence.verifier.policy import read_policy
from runs.evidence.verifier.verdict import verify_bundle
from runs.records.models import Run, Step
from tests.attacks.story import NOW
from tests.factories.cast import Company
from tests.factories.evidence import REASON, proven
from tests.harness.fresh import FreshDatabase

ASKED = {"purpose": "legal", "reason": REASON}


@pytest.fixture
def run(fresh_database: FreshDatabase, northwind: Company, tmp_path: Path, settings: Settings) -> Run:
    return proven(northwind, tmp_path, settings)


@pytest.fixture
def auditor(run: Run, northwind: Company) -> Client:
    """The auditor's browser."""
    client = Client()
    client.force_login(northwind.auditor)
    return client


def holds(bundle: bytes, policy: bytes) -> bool:
    return verify_bundle(io.BytesIO(bundle), read_policy(policy), NOW).cause == Cause.HOLDS


def test_bundle_and_policy_from_the_pages_fit_together(run: Run, northwind: Company, auditor: Client) -> None:
    step = Step.objects.get(run=run, node="step_2")
    policy = auditor.get(f"/evidence/policy/{northwind.slug}/").content

    for kind, pk in (("run", run.pk), ("output", step.pk), ("release", run.release_id)):
        answer = auditor.post(f"/evidence/{kind}/{pk}/", ASKED)
        assert answer.status_code == 200
        assert answer["Content-Disposition"].startswith('attachment; filename="evidence-')
        assert holds(answer.content, policy), kind
    assert Event.objects.filter(kind=Kind.EVIDENCE_EXPORTED, actor=northwind.auditor.pk).count() == 3


def test_a_period_is_asked_for_by_its_days(run: Run, northwind: Company, auditor: Client) -> None:
    day = run.created_at.date().isoformat()
    asked = {**ASKED, "project": str(northwind.project.pk), "first": day, "last": day}

    answer = auditor.post("/evidence/", asked)

    assert holds(answer.content, auditor.get(f"/evidence/policy/{northwind.slug}/").content)
    page = auditor.get("/evidence/").content.decode()
    assert f"made a bundle of evidence of {northwind.project.name}" in page
    assert f"/evidence/policy/{northwind.slug}/" in page


def test_days_in_the_wrong_order_come_back_with_what_was_typed(northwind: Company, auditor: Client) -> None:
    asked = {"project": str(northwind.project.pk), "first": "2026-02-01", "last": "2026-01-01"}

    answer = auditor.post("/evidence/", {**ASKED, **asked})

    assert answer.status_code == 400
    assert "The last day is not before the first" in answer.content.decode()
    assert REASON in answer.content.decode().replace("&#x27;", "'")


@pytest.mark.parametrize("missing", ["purpose", "reason"])
def test_without_purpose_or_reason_nothing_leaves(missing: str, run: Run, auditor: Client) -> None:
    answer = auditor.post(f"/evidence/run/{run.pk}/", {**ASKED, missing: ""})

    assert answer.status_code == 400
    assert not Event.objects.filter(kind=Kind.EVIDENCE_EXPORTED).exists()


def test_verify_py_is_handed_out_as_its_digest_says(auditor: Client) -> None:
    answer = auditor.get("/evidence/verify.py")

    assert answer.content == assembled()
    assert answer["Content-Disposition"] == 'attachment; filename="verify.py"'
    assert digest_of_verifier() in auditor.get("/evidence/").content.decode()


def test_the_policy_trusts_nobody_that_the_reader_did_not_choose(northwind: Company, auditor: Client) -> None:
    policy = json.loads(auditor.get(f"/evidence/policy/{northwind.slug}/").content)

    assert (policy["witnesses"], policy["quorum"], policy["trusted"]) == ([], 0, None)
    assert policy["origin"] == f"ledger.example.com/{northwind.slug}"


@pytest.mark.parametrize("kind", ["period", "step", "nothing"])
def test_other_kinds_are_not_there(kind: str, run: Run, auditor: Client) -> None:
    assert auditor.get(f"/evidence/{kind}/{run.pk}/").status_code == 404


def test_the_pages_of_run_output_and_release_lead_there(run: Run, auditor: Client) -> None:
    step = Step.objects.get(run=run, node="step_2")
    pages = {f"/runs/{run.pk}/": ("run", run.pk), f"/outputs/{step.pk}/": ("output", step.pk)}
    pages |= {f"/releases/{run.release_id}/": ("release", run.release_id)}

    for page, (kind, pk) in pages.items():
        assert f'href="/evidence/{kind}/{pk}/"' in auditor.get(page).content.decode(), page
