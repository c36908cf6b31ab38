"""Bundles of real runs, whose log is sequenced and signed."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from governance.errors import Invalid, NotAllowed, NotVisible, WrongState
from governance.ledger.kinds import Kind
from governance.ledger.models import Event
from governance.proof.models import Checkpoint
from runs.artifacts.opening import bytes_of
from runs.evidence.policy import policy_of
from runs.evidence.services import NotSound, make_bundle
from runs.evidence.subject import of_output, of_period, of_release, of_run
from runs.evidence.verifier.causes import Cause
from runs.evidence.verifier.policy import read_policy
from runs.evidence.verifier.verdict import Verdict, verify_bundle
from runs.reading.models import Ticket
from runs.records.models import Run, Step
from tests.attacks.story import NOW
from tests.factories.cast import Company
from tests.factories.evidence import REASON, bundle_of, finished, opened, prove, stated
from tests.factories.logs import sign_all
from tests.harness.fresh import FreshDatabase


@pytest.fixture(autouse=True)
def _own_key(settings: Settings, tmp_path: Path) -> None:
    settings.EVIDENCE_KEY_FILE = tmp_path / "evidence.pem"


@pytest.fixture
def run(fresh_database: FreshDatabase, northwind: Company, tmp_path: Path) -> Run:
    """A run of an approved release, all of whose records are signed."""
    made = finished(northwind)
    prove(northwind, tmp_path)
    return made


def verified(content: bytes, company: Company, **changed: Any) -> Verdict:
    """What somebody with the portal's policy finds."""
    policy = read_policy(json.dumps({**policy_of(company.organisation), **changed}).encode())
    return verify_bundle(io.BytesIO(content), policy, NOW)


def test_a_bundle_of_a_run_holds(run: Run, northwind: Company) -> None:
    made = bundle_of(run, by=northwind.auditor)

    verdict = verified(made.content, northwind)
    assert verdict.cause == Cause.HOLDS, [found.said for found in verdict.findings.found]
    assert verdict.events == made.events > 8
    assert verdict.about == "Run CASE-7"


def test_it_tells_of_the_steps_the_versions_and_who_approved(run: Run, northwind: Company) -> None:
    statement = stated(bundle_of(run, by=northwind.auditor).content)

    predicate = statement["predicate"]
    [told] = predicate["runs"]
    [release] = predicate["releases"]
    assert [step["node"] for step in told["steps"]] == ["step_0", "step_1", "step_2"]
    assert [vote["person_name"] for vote in release["approvals"]] == [northwind.approver.name]
    assert release["closure_sha256"] == told["closure_sha256"] == run.closure_digest
    outputs = {step.output.sha256 for step in Step.objects.filter(run=run) if step.output}
    assert {subject["digest"]["sha256"] for subject in statement["subject"]} == outputs
    verbs = {relation["relation"] for relation in predicate["relations"]}
    assert verbs >= {"used", "generated", "given", "authorised_by", "decided", "put_into_effect", "wrote"}


def test_personal_contents_are_left_out_until_they_are_asked_for(run: Run, northwind: Company) -> None:
    closed = bundle_of(run, by=northwind.auditor)
    revealed = bundle_of(run, by=northwind.auditor, reveal=["personal"])

    letter = run.inputs.get().artifact
    member = f"artifacts/{letter.sha256}"
    assert member not in opened(closed.content).namelist()
    assert letter.sha256 in verified(closed.content, northwind).left_out
    assert b"charged my card twice" not in opened(closed.content).read("report.html")
    assert opened(revealed.content).read(member) == bytes_of(letter)
    assert b"charged my card twice" in opened(revealed.content).read("report.html")
    assert (verified(revealed.content, northwind).cause, revealed.left_out) == (Cause.HOLDS, 0)


def test_who_may_not_reveal_contents_takes_none_away_in_a_bundle(run: Run, northwind: Company) -> None:
    with pytest.raises(NotAllowed, match="Reveal confidential and personal contents"):
        bundle_of(run, by=northwind.author, reveal=["personal"])
    assert bundle_of(run, by=northwind.author).left_out == 2


def test_that_it_was_made_is_recorded_with_its_digest(run: Run, northwind: Company) -> None:
    made = bundle_of(run, by=northwind.auditor, reveal=["personal"])

    event = Event.objects.get(kind=Kind.EVIDENCE_EXPORTED)
    assert (event.actor, event.run) == (northwind.auditor.pk, run.pk)
    assert event.details["sha256"] == made.sha256
    assert (event.details["reason"], event.details["revealed"]) == (REASON, ["personal"])


def test_contents_that_are_taken_away_are_told_by_the_log_of_readings(run: Run, northwind: Company) -> None:
    bundle_of(run, by=northwind.auditor)
    bundle_of(run, by=northwind.auditor, reveal=["personal"])

    letter = run.inputs.get().artifact_id
    revealed = Ticket.objects.filter(kind=Ticket.Kind.EXPORTED, opened__artifact=letter)
    assert [ticket.actor for ticket in revealed] == [northwind.auditor]


def test_a_bundle_of_one_output_is_about_that_output(run: Run, northwind: Company) -> None:
    step = Step.objects.select_related("output", "run__project").get(run=run, node="step_1")

    content = bundle_of(of_output(step), by=northwind.auditor).content

    assert step.output is not None
    assert [each["digest"]["sha256"] for each in stated(content)["subject"]] == [step.output.sha256]
    assert verified(content, northwind).cause == Cause.HOLDS


def test_a_bundle_of_a_release_has_its_runs_and_its_decision(run: Run, northwind: Company) -> None:
    made = bundle_of(of_release(run.release), by=northwind.auditor)

    assert [told["id"] for told in stated(made.content)["predicate"]["runs"]] == [str(run.pk)]
    assert verified(made.content, northwind).cause == Cause.HOLDS


def test_a_bundle_of_a_period_has_all_that_the_projects_log_says_of_it(run: Run, northwind: Company) -> None:
    day = run.created_at.date()

    made = bundle_of(of_period(northwind.project, first=day, last=day), by=northwind.owner)

    assert verified(made.content, northwind).cause == Cause.HOLDS
    recorded = Event.objects.filter(project=northwind.project.pk).exclude(kind=Kind.EVIDENCE_EXPORTED)
    kinds = ("role.", "project.", "token.", "team.", "person.", "content.", "row.")
    told = [event for event in recorded if not event.kind.startswith(kinds)]
    assert made.events == len(told) + 1  # the evidence key's announcement


@pytest.mark.parametrize("place", ["events.jsonl", "checkpoint", "report.html", "statement.dsse.json"])
def test_a_flipped_byte_is_found(place: str, run: Run, northwind: Company) -> None:
    content = bundle_of(run, by=northwind.auditor).content
    with opened(content) as bundle:
        parts = {name: bundle.read(name) for name in bundle.namelist()}
    middle = len(parts[place]) // 2
    flipped = bytes([parts[place][middle] ^ 1])
    parts[place] = parts[place][:middle] + flipped + parts[place][middle + 1 :]
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as bundle:
        for name, part in parts.items():
            bundle.writestr(name, part)

    assert verified(file.getvalue(), northwind).cause not in {Cause.HOLDS, Cause.ZIP}


def test_the_same_request_makes_the_same_contents(run: Run, northwind: Company) -> None:
    first, second = (opened(bundle_of(run, by=northwind.auditor).content) for _ in range(2))

    same = {"checkpoint", "events.jsonl", "VERIFY.md", "redactions.json"}
    assert first.namelist() == second.namelist()
    assert all(first.read(name) == second.read(name) for name in same)


def test_a_checkpoint_that_the_reader_holds_is_shown_to_be_continued(
    run: Run, northwind: Company, tmp_path: Path
) -> None:
    held = bytes(Checkpoint.objects.of(northwind.organisation.pk).order_by("size")[0].note).decode()
    finished(northwind, steps=1)
    sign_all(tmp_path)

    shown = bundle_of(run, by=northwind.auditor, trusted=held)
    plain = bundle_of(run, by=northwind.auditor)

    assert verified(shown.content, northwind, trusted=held).cause == Cause.HOLDS
    assert verified(plain.content, northwind, trusted=held).cause == Cause.CONSISTENCY


def test_what_the_last_checkpoint_does_not_cover_is_refused(
    run: Run, northwind: Company, tmp_path: Path
) -> None:
    later = finished(northwind, steps=1)

    with pytest.raises(WrongState, match="not covered by this checkpoint"):
        bundle_of(later, by=northwind.auditor)

    sign_all(tmp_path)
    assert verified(bundle_of(later, by=northwind.auditor).content, northwind).cause == Cause.HOLDS


def test_a_log_that_was_never_signed_proves_nothing(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    with pytest.raises(WrongState, match="never signed"):
        bundle_of(finished(northwind), by=northwind.auditor)


def test_records_that_were_altered_make_no_bundle(
    run: Run, northwind: Company, fresh_database: FreshDatabase
) -> None:
    with fresh_database.connect("owner") as owner:
        owner.execute("ALTER TABLE runs_step DISABLE TRIGGER USER")
        owner.execute("UPDATE runs_step SET node = 'another' WHERE node = 'step_1'")

    with pytest.raises(NotSound, match=r"The node of the step .* is not as recorded"):
        bundle_of(run, by=northwind.auditor)

    assert not Event.objects.filter(kind=Kind.EVIDENCE_EXPORTED).exists()


def test_who_does_not_reach_the_project_gets_none(run: Run, northwind: Company, rival: Company) -> None:
    with pytest.raises(NotVisible):
        bundle_of(run, by=rival.auditor)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"purpose": "curiosity"}, "purpose"),
        ({"reason": "because"}, "reason"),
        ({"reveal": ["public"]}, "reveal"),
        ({"trusted": "no note"}, "trusted"),
    ],
)
def test_a_request_without_purpose_or_reason_is_refused(
    changed: dict[str, Any], field: str, run: Run, northwind: Company
) -> None:
    asked = {"purpose": "audit", "reason": REASON, **changed}
    with pytest.raises(Invalid) as caught:
        make_bundle(of_run(run), actor=northwind.auditor, **asked)

    assert field in caught.value.fields


def test_the_report_says_what_a_lawyer_asks_first(run: Run, northwind: Company) -> None:
    report = opened(bundle_of(run, by=northwind.auditor).content).read("report.html").decode()

    asked = ["1. What happened", "2. On which inputs", "3. By which versions", "4. Who approved it"]
    places = [report.index(heading) for heading in (*asked, "5. What proves it", "6. What is not proved")]
    assert places == sorted(places)
    assert northwind.approver.name in report
    assert "<script" not in report
    assert "http://" not in report
    assert "https://" not in report
