"""Runs whose log is signed, and bundles of them."""

import base64
import io
import json
import zipfile
from pathlib import Path
from typing import Any

from pytest_django import Settings

from governance.accounts.models import User
from runs.evidence.services import Bundle, make_bundle
from runs.evidence.signing_key import announce_key
from runs.evidence.subject import Subject, of_run
from runs.records.models import Run
from tests.factories.cast import Company
from tests.factories.logs import sign_all
from tests.factories.runs import begin, chain, finish, personal, released

REASON = "The customer's lawyer asks for it."


def finished(company: Company, *, steps: int = 3, **more: Any) -> Run:
    """A run of an approved release, ended; its letter is personal data."""
    release = released(company, personal(chain(steps)), environment=company.production)
    return finish(begin(company, release, reference="CASE-7", **more))


def prove(company: Company, folder: Path) -> None:
    """Sign the log, let it announce the evidence key, and sign it again."""
    sign_all(folder)
    announce_key(company.organisation, actor=company.auditor)
    sign_all(folder)


def proven(company: Company, folder: Path, settings: Settings) -> Run:
    """A run that has ended, in a signed log, and the evidence key beside it."""
    settings.EVIDENCE_KEY_FILE = folder / "evidence.pem"
    run = finished(company)
    prove(company, folder)
    return run


def bundle_of(subject: Subject | Run, *, by: User, **more: Any) -> Bundle:
    """A bundle for an audit."""
    asked = of_run(subject) if isinstance(subject, Run) else subject
    return make_bundle(asked, actor=by, purpose="audit", reason=REASON, **more)


def opened(content: bytes) -> zipfile.ZipFile:
    """The bundle's file."""
    return zipfile.ZipFile(io.BytesIO(content))


def stated(content: bytes) -> dict[str, Any]:
    """The statement in the envelope."""
    envelope = json.loads(opened(content).read("statement.dsse.json"))
    found: dict[str, Any] = json.loads(base64.b64decode(envelope["payload"]))
    return found


def records_of(content: bytes) -> list[dict[str, Any]]:
    """The records of the log, as they were recorded."""
    lines = opened(content).read("events.jsonl").splitlines()
    return [json.loads(base64.b64decode(json.loads(line)["record"])) for line in lines]
