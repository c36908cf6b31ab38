"""GET /outputs/{step}/"""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from runs.records.models import Run, Step
from tests.api.callers import Caller, by_token, problem_of
from tests.factories.cast import Company
from tests.factories.runs import LETTER, begin, chain, complaint, finish, released
from tests.harness.fresh import FreshDatabase
from tests.providers.serving import Serving


def finished(company: Company) -> Run:
    """A complaint that went through, in production."""
    return finish(begin(company, released(company, complaint(company), environment=company.production)))


def test_an_output_leads_to_everything_behind_it(
    northwind: Company, auditor: Caller, serving: Serving
) -> None:
    run = finished(northwind)
    step = Step.objects.get(run=run, node="summarise")
    assert step.output
    assert step.prompt_version
    found = auditor.get(f"outputs/{step.pk}/").json()
    assert found["text"] == "The customer was charged twice."
    assert found["step"]["output"]["sha256"] == step.output.sha256
    assert found["step"]["prompt_version"]["digest"] == step.prompt_version.digest
    assert found["run"]["release"]["digest"] == run.closure_digest
    assert [approval["name"] for approval in found["approvals"]] == ["Aron Approver"]
    assert [given["name"] for given in found["inputs"]] == ["letter"]
    assert [before["node"] for before in found["upstream"]] == ["redact"]
    assert LETTER in found["prompt"]["messages"][1]["content"]
    assert {(link["source"], link["name"]) for link in found["links"]} >= {("$letter", "text")}
    assert found["ledger_entries"] == len(
        auditor.get(f"runs/{run.pk}/events/", page_size=200).json()["results"]
    )


def test_an_answer_that_was_refused_is_kept_and_named(
    northwind: Company, auditor: Caller, serving: Serving
) -> None:
    serving.be("wrong_label")
    run = finish(begin(northwind, released(northwind, complaint(northwind))))
    step = Step.objects.get(run=run, node="classify")
    found = auditor.get(f"outputs/{step.pk}/").json()
    assert (found["text"], found["step"]["state"]) == (None, "failed")
    answer = auditor.get(found["refused_answer"]["content"])
    assert b"pirates" in answer.content


def test_a_trace_costs_the_same_queries_however_long_the_run_is(northwind: Company, auditor: Caller) -> None:
    auditor.get("me/")
    counts = []
    for steps in (2, 6):
        run = finish(begin(northwind, released(northwind, chain(steps))))
        step = Step.objects.filter(run=run).latest("position")
        with CaptureQueriesContext(connection) as queries:
            assert len(auditor.get(f"outputs/{step.pk}/").json()["upstream"]) == steps - 1
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_outputs_of_others_are_not_there(rival: Company, auditor: Caller) -> None:
    run = finish(begin(rival, released(rival, chain(1))))
    problem_of(auditor.get(f"outputs/{Step.objects.get(run=run).pk}/"), 404)


def test_an_altered_output_is_not_shown_as_if_it_were_the_recorded_one(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    run = finish(begin(northwind, released(northwind, chain(1))))
    step = Step.objects.get(run=run)
    with fresh_database.connect("owner") as owner:
        owner.execute("ALTER TABLE runs_artifact DISABLE TRIGGER USER")
        owner.execute("UPDATE runs_artifact SET body = %s WHERE id = %s", [b"forged", step.output_id])
    refused = problem_of(by_token(northwind.auditor, northwind).get(f"outputs/{step.pk}/"), 409)
    assert "altered" in refused["detail"]
