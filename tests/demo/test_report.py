"""What `demo --once --json` says of each run, held against its records."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError
from django.urls import reverse

from portal.demo.report import run_facts
from portal.management.commands.demo import Command
from runs.records.models import Run
from tests.demo.contract import KEYS
from tests.factories.cast import Company
from tests.providers.serving import Serving
from tests.web.runs.recorded import answered, failed, step_of

URL = "http://127.0.0.1:8000"


def read(run: Run) -> Run:
    """As the demonstration reads its runs."""
    return Run.objects.with_names().get(pk=run.pk)


def report(*runs: Run, as_json: bool = True) -> tuple[str, CommandError | None]:
    """What the command prints of these runs, and how it ends."""
    printed = StringIO()
    try:
        Command(stdout=printed)._report([read(run) for run in runs], url=URL, seconds=1.5, as_json=as_json)
    except CommandError as problem:
        return printed.getvalue(), problem
    return printed.getvalue(), None


def test_a_finished_run_is_reported_from_its_records(northwind: Company, serving: Serving) -> None:
    run = read(answered(northwind))
    step = step_of(run, "summarise")
    assert run.output is not None

    facts = run_facts(run, portal_url=URL)

    assert set(facts) == KEYS
    assert (facts["id"], facts["reference"], facts["state"]) == (str(run.pk), "CASE-1", "succeeded")
    assert facts["output_sha256"] == run.output.sha256
    assert facts["provenance_url"] == URL + reverse("runs:output", args=[step.pk])
    assert facts["prompt_versions"] == [str(step.prompt_version)] * 2
    assert facts["model_version"] == str(step.model_version)
    assert facts["release"] == str(run.release)
    assert facts["approved_by"] == ["Aron Approver"]
    assert (facts["tokens"], facts["tokens_in"], facts["tokens_out"]) == (36, 22, 14)
    assert facts["cost"] == f"{run.cost:f}"
    assert facts["seconds"] >= 0
    assert facts["error"] is None


def test_a_failed_run_has_its_error_in_place_of_an_output(northwind: Company) -> None:
    facts = run_facts(read(failed(northwind)), portal_url=URL)

    assert set(facts) == KEYS
    assert facts["state"] == "failed"
    assert (facts["output_sha256"], facts["provenance_url"], facts["model_version"]) == (None, None, None)
    assert facts["error"]["code"] == "function_failed"
    json.dumps(facts)


def test_one_json_object_and_no_complaint_when_every_run_succeeded(
    northwind: Company, serving: Serving
) -> None:
    printed, problem = report(answered(northwind))

    found: dict[str, Any] = json.loads(printed)
    assert set(found) == {"runs", "seconds"}
    assert (len(found["runs"]), found["seconds"]) == (1, 1.5)
    assert problem is None


@pytest.mark.parametrize("as_json", [True, False])
def test_a_run_that_failed_is_reported_and_is_a_failure_of_the_command(
    northwind: Company, as_json: bool
) -> None:
    run = failed(northwind)

    printed, problem = report(run, as_json=as_json)

    assert "CASE-F" in printed
    assert not as_json or json.loads(printed)["runs"][0]["state"] == "failed"
    assert problem is not None
    assert f"1 of 1 runs did not succeed: {run.pk}" in str(problem)
    assert problem.returncode == 1
