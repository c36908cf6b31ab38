"""Bundles of runs that ended elsewhere: the one record of each is what the statement is held against."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from runs.evidence.policy import policy_of
from runs.evidence.services import Bundle
from runs.evidence.subject import of_output, of_period
from runs.evidence.verifier.causes import Cause, Failed
from runs.evidence.verifier.imports import check_import
from runs.evidence.verifier.policy import read_policy
from runs.evidence.verifier.verdict import verify_bundle
from runs.lineage.bulk import import_runs
from runs.records.models import Run, Step
from tests.attacks.story import NOW
from tests.factories.cast import Company
from tests.factories.evidence import bundle_of, prove, records_of, stated
from tests.factories.imports import imported_run, lines_of
from tests.factories.runs import begin, chain, finish, released
from tests.harness.fresh import FreshDatabase


@pytest.fixture
def runs(
    fresh_database: FreshDatabase, northwind: Company, settings: Settings, tmp_path: Path
) -> tuple[Run, Run]:
    """One that was imported, and one that was executed here, in a signed log."""
    settings.EVIDENCE_KEY_FILE = tmp_path / "evidence.pem"
    release = released(northwind, chain(2))
    lines = lines_of(*[imported_run(release, number) for number in range(2)])
    import_runs(northwind.project, actor=northwind.owner, lines=lines, reason="They ended in the old system.")
    own = finish(begin(northwind, release))
    prove(northwind, tmp_path)
    return Run.objects.get(reference="OLD-0"), own


def cause_of(made: Bundle, company: Company) -> Cause:
    policy = read_policy(json.dumps(policy_of(company.organisation)).encode())
    return verify_bundle(io.BytesIO(made.content), policy, NOW).cause


def test_an_imported_run_has_a_bundle_that_says_who_imported_it(
    northwind: Company, runs: tuple[Run, Run]
) -> None:
    made = bundle_of(runs[0], by=northwind.auditor)
    assert cause_of(made, northwind) == Cause.HOLDS
    told = {record["kind"]: record for record in records_of(made.content)}
    assert told["history.imported"]["details"]["reason"] == "They ended in the old system."
    assert told["run.imported"]["details"]["state"] == "succeeded"
    [run] = stated(made.content)["predicate"]["runs"]
    assert [step["node"] for step in run["steps"]] == ["step_0", "step_1"]


def test_so_has_one_output_of_it_and_a_period_of_both_kinds(
    northwind: Company, runs: tuple[Run, Run]
) -> None:
    step = Step.objects.select_related("run__project__organisation", "output").get(run=runs[0], node="step_1")
    made = bundle_of(of_output(step), by=northwind.auditor)
    assert cause_of(made, northwind) == Cause.HOLDS
    assert step.output is not None
    assert [each["digest"]["sha256"] for each in stated(made.content)["subject"]] == [step.output.sha256]
    today = runs[1].created_at.date()
    whole = bundle_of(of_period(northwind.project, first=today, last=today), by=northwind.auditor)
    assert cause_of(whole, northwind) == Cause.HOLDS
    assert len(stated(whole.content)["predicate"]["runs"]) == 3


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        ({"closure_sha256": "0" * 64}, Cause.RELATION),
        ({"state": "failed"}, Cause.RELATION),
        ({"steps": []}, Cause.OUTPUT),
        ({"node": "another"}, Cause.OUTPUT),
        ({"output_sha256": "0" * 64}, Cause.OUTPUT),
        ({"position": 7}, Cause.RELATION),
    ],
)
def test_what_the_record_does_not_say_is_found(
    northwind: Company, runs: tuple[Run, Run], change: dict[str, Any], cause: Cause
) -> None:
    made = bundle_of(runs[0], by=northwind.auditor)
    [record] = [each for each in records_of(made.content) if each["kind"] == "run.imported"]
    [run] = stated(made.content)["predicate"]["runs"]
    check_import(run, record)
    of_step = not change.keys() & run.keys()
    (run["steps"][0] if of_step else run).update(change)
    with pytest.raises(Failed) as found:
        check_import(run, record)
    assert found.value.cause == cause
