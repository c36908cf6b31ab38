"""GET /runs/, GET /runs/{id}/, POST resume and cancel"""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from runs.records.models import Run
from tests.api.callers import Caller, fields_of, problem_of
from tests.counting import queries_of
from tests.factories.cast import Company
from tests.factories.runs import begin, chain, complaint, finish, released
from tests.providers.serving import Serving


def ids(answer: object) -> list[str]:
    """The runs on a page."""
    return [run["id"] for run in answer.json()["results"]]  # type: ignore[attr-defined]


def test_runs_are_listed_newest_first_and_only_ones_own(
    northwind: Company, rival: Company, auditor: Caller
) -> None:
    release = released(northwind, chain(1))
    first, second = begin(northwind, release), begin(northwind, release, reference="CASE-2")
    begin(rival, released(rival, chain(1)))
    assert ids(auditor.get("runs/")) == [str(second.pk), str(first.pk)]


def test_runs_are_found_by_what_is_known_of_them(northwind: Company, auditor: Caller) -> None:
    wanted, other = released(northwind, chain(1)), released(northwind, chain(1))
    run = begin(northwind, wanted, reference="CASE-7")
    begin(northwind, other)
    soon, earlier = timezone.now() + timedelta(minutes=1), timezone.now() - timedelta(minutes=1)
    for query in (
        {"workflow": wanted.workflow.slug},
        {"workflow": str(wanted.workflow_id), "environment": "development", "project": "complaints"},
        {"release": str(wanted.pk)},
        {"version": str(wanted.version_id), "state": "queued"},
        {"reference": "CASE-7", "created_after": earlier.isoformat(), "created_before": soon.isoformat()},
    ):
        assert ids(auditor.get("runs/", **query)) == [str(run.pk)]
    for query in ({"state": "failed"}, {"created_after": soon.isoformat()}, {"environment": "production"}):
        assert ids(auditor.get("runs/", **query)) == []


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("state", "odd"),
        ("version", "x"),
        ("release", "1"),
        ("created_after", "yesterday"),
        ("reference", "x" * 201),
    ],
)
def test_a_wrong_parameter_is_named(auditor: Caller, parameter: str, value: str) -> None:
    assert fields_of(auditor.get("runs/", **{parameter: value})) == {parameter}


def test_a_list_of_runs_costs_the_same_however_long_it_is(northwind: Company, auditor: Caller) -> None:
    release = released(northwind, chain(1))
    counts = []
    for _ in range(2):
        for _ in range(4):
            begin(northwind, release)
        counts.append(queries_of(auditor, "runs/"))
    assert counts[0] == counts[1]


def test_a_finished_run_shows_its_steps_stamps_and_output(
    northwind: Company, auditor: Caller, serving: Serving
) -> None:
    run = finish(
        begin(northwind, released(northwind, complaint(northwind), environment=northwind.production))
    )
    found = auditor.get(f"runs/{run.pk}/").json()
    assert (found["state"], found["why_not_moving"], found["error"]) == ("succeeded", "", None)
    assert [step["node"] for step in found["steps"]] == [
        "redact",
        "classify",
        "summarise",
        "route",
        "card_desk",
    ]
    summarise = found["steps"][2]
    assert summarise["prompt_version"]["asset"]["kind"] == "prompt"
    assert summarise["model_version"]["asset"]["kind"] == "model"
    assert summarise["output"] == found["output"]
    assert summarise["facts"]["finish_reason"] == "stop"
    assert [approval["name"] for approval in found["approvals"]] == ["Aron Approver"]
    assert found["closure_digest"] == found["release"]["digest"]


def test_a_run_costs_the_same_queries_however_many_steps_it_has(northwind: Company, auditor: Caller) -> None:
    auditor.get("me/")
    counts = []
    for steps in (2, 6):
        run = finish(begin(northwind, released(northwind, chain(steps))))
        with CaptureQueriesContext(connection) as queries:
            assert len(auditor.get(f"runs/{run.pk}/").json()["steps"]) == steps
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_failed_run_says_what_stopped_it_and_is_resumed(
    northwind: Company, operator: Caller, serving: Serving
) -> None:
    serving.be("wrong_label")
    run = finish(begin(northwind, released(northwind, complaint(northwind))))
    found = operator.get(f"runs/{run.pk}/").json()
    assert (found["state"], found["error"]["code"], found["error"]["node"]) == (
        "failed",
        "malformed_answer",
        "classify",
    )
    assert found["steps"][-1]["error"]["code"] == "malformed_answer"
    assert fields_of(operator.post(f"runs/{run.pk}/resume/", {})) == {"reason"}
    because = {"reason": "The provider answers again"}
    resumed = operator.post(f"runs/{run.pk}/resume/", because)
    assert (resumed.status_code, resumed.json()["state"]) == (200, "ready")
    serving.be("well")
    assert finish(run).state == "succeeded"
    problem_of(operator.post(f"runs/{run.pk}/resume/", because), 409)


def test_a_run_is_cancelled_with_a_reason(northwind: Company, operator: Caller) -> None:
    run = begin(northwind, released(northwind, chain(1)))
    assert fields_of(operator.post(f"runs/{run.pk}/cancel/", {})) == {"reason"}
    assert fields_of(operator.post(f"runs/{run.pk}/cancel/", {"reason": "  "})) == {"reason"}
    found = operator.post(f"runs/{run.pk}/cancel/", {"reason": "Sent twice"}).json()
    assert (found["state"], found["error"]["detail"]) == ("cancelled", "Sent twice")
    problem_of(operator.post(f"runs/{run.pk}/cancel/", {"reason": "Again"}), 409)


def test_resuming_takes_a_reason_alone(northwind: Company, operator: Caller) -> None:
    run = begin(northwind, released(northwind, chain(1)))
    assert fields_of(operator.post(f"runs/{run.pk}/resume/", {"reason": "x", "state": "ready"})) == {"state"}


def test_an_auditor_neither_resumes_nor_cancels(northwind: Company, auditor: Caller) -> None:
    run = begin(northwind, released(northwind, chain(1)))
    problem_of(auditor.post(f"runs/{run.pk}/resume/", {"reason": "x"}), 403)
    problem_of(auditor.post(f"runs/{run.pk}/cancel/", {"reason": "x"}), 403)
    assert Run.objects.get().state == "queued"


def test_runs_of_others_are_not_there(rival: Company, operator: Caller) -> None:
    run = begin(rival, released(rival, chain(1)))
    problem_of(operator.get(f"runs/{run.pk}/"), 404)
    problem_of(operator.get(f"runs/{run.pk}/events/"), 404)
    problem_of(operator.post(f"runs/{run.pk}/resume/", {"reason": "x"}), 404)
    problem_of(operator.post(f"runs/{run.pk}/cancel/", {"reason": "x"}), 404)
