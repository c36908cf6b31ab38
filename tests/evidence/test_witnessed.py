"""Bundles carry what witnesses said, and the policy says whose word is wanted."""

import io
import json
import time
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from governance.merkle.note import parse
from governance.proof.models import Checkpoint
from governance.proof.reading import latest_checkpoint
from governance.proof.witnesses import Witness
from runs.evidence.policy import policy_of
from runs.evidence.services import Bundle
from runs.evidence.verifier.causes import Cause
from runs.evidence.verifier.policy import read_policy
from runs.evidence.verifier.verdict import verify_bundle
from runs.records.models import Run
from tests.factories.cast import Company
from tests.factories.evidence import bundle_of, proven
from tests.factories.logs import cosign_all, fill, sign_all
from tests.harness.fresh import FreshDatabase
from tests.merkle.signers import witness_key


@pytest.fixture
def run(fresh_database: FreshDatabase, northwind: Company, tmp_path: Path, settings: Settings) -> Run:
    """A run, all of whose records are signed, of an installation that names a witness."""
    made = proven(northwind, tmp_path, settings)
    settings.WITNESSES = (Witness("Our auditors", "https://witness.example.com", witness_key()),)
    return made


def cause(made: Bundle, company: Company) -> Cause:
    """What somebody with the portal's policy finds first."""
    policy = read_policy(json.dumps(policy_of(company.organisation)).encode())
    return verify_bundle(io.BytesIO(made.content), policy, int(time.time())).cause


def test_a_bundle_that_no_witness_saw_is_made_and_does_not_satisfy_the_policy(
    run: Run, northwind: Company
) -> None:
    policy = policy_of(northwind.organisation)
    assert (policy["witnesses"], policy["quorum"]) == ([witness_key().vkey], 1)

    assert cause(bundle_of(run, by=northwind.auditor), northwind) == Cause.QUORUM


def test_a_bundle_carries_the_cosigned_note_and_holds(
    run: Run, northwind: Company, tmp_path: Path, settings: Settings
) -> None:
    bundle_of(run, by=northwind.auditor)  # announces the key
    sign_all(tmp_path)
    cosign_all(timezone.now())
    seen = latest_checkpoint(northwind.organisation.pk)
    assert seen is not None
    fill(northwind, 3)
    sign_all(tmp_path)
    assert Checkpoint.objects.of(seen.log)[0] != seen

    made = bundle_of(run, by=northwind.auditor)
    assert made.size == seen.size  # the last that the witness saw covers it
    assert cause(made, northwind) == Cause.HOLDS
    again = bundle_of(run, by=northwind.auditor, trusted=bytes(seen.note).decode())
    assert again.size > seen.size
    assert parse(bytes(seen.note)).note.size == seen.size
    settings.WITNESSES = ()
    assert policy_of(northwind.organisation)["quorum"] == 0
    assert bundle_of(run, by=northwind.auditor).size > seen.size
