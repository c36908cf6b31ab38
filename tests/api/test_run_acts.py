"""POST /runs/{id}/pause/, continue/, retry-now/, record-effect/, repeat-step/, retry-compensation/; steps/"""

import pytest

from runs.records.models import Run
from tests.api.callers import Caller, fields_of, problem_of
from tests.counting import queries_of
from tests.factories.cast import Company
from tests.factories.runs import begin, chain, finish, released
from tests.factories.standing import drive_parts, in_parts, put_off, undoing, unsure

WHY = {"reason": "the provider is being moved"}
PLAIN = ("continue", "retry-now", "retry-compensation")
REASONED = ("pause", "repeat-step")


def test_a_run_is_paused_and_continued(northwind: Company, operator: Caller) -> None:
    run = begin(northwind, released(northwind, chain(1)))
    assert operator.post(f"runs/{run.pk}/pause/", WHY).json()["state"] == "paused"
    problem_of(operator.post(f"runs/{run.pk}/pause/", WHY), 409)
    assert operator.post(f"runs/{run.pk}/continue/").json()["state"] == "ready"
    problem_of(operator.post(f"runs/{run.pk}/continue/"), 409)


def test_an_attempt_that_was_put_off_is_made_at_once(northwind: Company, operator: Caller) -> None:
    run = put_off(northwind)
    found = operator.get(f"runs/{run.pk}/").json()
    assert (found["state"], found["waits_for"], found["wake_at"] is None) == ("waiting", "retry", False)
    assert operator.post(f"runs/{run.pk}/retry-now/").json()["state"] == "ready"
    problem_of(operator.post(f"runs/{run.pk}/retry-now/"), 409)


def test_the_effect_of_a_step_under_review_is_recorded(northwind: Company, operator: Caller) -> None:
    run = unsure(northwind)
    address = f"runs/{run.pk}/record-effect/"
    assert fields_of(operator.post(address, WHY)) == {"output"}
    assert fields_of(operator.post(address, {"output": 1})) == {"reason"}
    assert fields_of(operator.post(address, {**WHY, "output": 0.5})) == {"output"}
    found = operator.post(address, {**WHY, "output": {"paid": True}}).json()
    assert (found["state"], found["steps"][0]["facts"]["recorded_by"]) == ("ready", northwind.operator.name)
    problem_of(operator.post(address, {**WHY, "output": 1}), 409)


def test_a_step_under_review_is_repeated(northwind: Company, operator: Caller) -> None:
    run = unsure(northwind)
    assert operator.post(f"runs/{run.pk}/repeat-step/", WHY).json()["state"] == "ready"
    assert finish(run).state == Run.State.SUCCEEDED


def test_undoing_is_tried_again(
    northwind: Company, operator: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEEDED_FILE", "/nowhere")
    run = undoing(northwind, attempts=1)
    assert operator.post(f"runs/{run.pk}/retry-compensation/").json()["state"] == "compensating"
    [step] = [step for step in operator.get(f"runs/{run.pk}/").json()["steps"] if step["compensates"] == 0]
    assert (step["node"], step["state"]) == ("reserve", "failed")


@pytest.mark.parametrize("act", [*PLAIN, *REASONED])
def test_bodies_are_checked_and_others_are_refused(
    northwind: Company, rival: Company, operator: Caller, auditor: Caller, act: str
) -> None:
    run = begin(northwind, released(northwind, chain(1)))
    if act in PLAIN:
        assert fields_of(operator.post(f"runs/{run.pk}/{act}/", {"state": "succeeded"})) == {"state"}
    else:
        assert fields_of(operator.post(f"runs/{run.pk}/{act}/", {})) == {"reason"}
    body = {} if act in PLAIN else WHY
    problem_of(auditor.post(f"runs/{run.pk}/{act}/", body), 403)
    theirs = begin(rival, released(rival, chain(1)))
    problem_of(operator.post(f"runs/{theirs.pk}/{act}/", body), 404)
    assert set(Run.objects.values_list("state", flat=True)) == {"queued"}


def test_parts_are_listed_with_their_whole_alone_and_what_they_use_is_its_own(
    northwind: Company, auditor: Caller
) -> None:
    run = in_parts(northwind, items=10, at_once=2)
    part = run.parts.order_by("id").first()
    assert part is not None
    Run.objects.filter(pk=part.pk).update(tokens_in=7, tokens_out=3, cost="0.5")
    Run.objects.filter(pk=run.pk).update(tokens_in=1, priced=False)

    [whole] = auditor.get("runs/").json()["results"]
    assert (whole["id"], whole["tokens_in"], whole["tokens_out"]) == (str(run.pk), 8, 3)
    assert (whole["cost"], whole["priced"]) == ("0.500000000", False)
    parts = auditor.get(f"runs/?part_of={run.pk}").json()["results"]
    assert [(found["parent"], found["first_item"], found["end_item"]) for found in parts] == [
        (str(run.pk), 5, 10),
        (str(run.pk), 0, 5),
    ]


def test_the_list_costs_the_same_queries_however_many_parts_there_are(
    northwind: Company, auditor: Caller
) -> None:
    in_parts(northwind, items=2, at_once=2)
    few = queries_of(auditor, "runs/")
    in_parts(northwind, items=20, at_once=20)
    assert queries_of(auditor, "runs/") == few


def test_the_steps_of_a_long_run_are_paged_and_the_newest_stand_with_it(
    northwind: Company, auditor: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = in_parts(northwind, items=12, at_once=1)
    drive_parts(run)
    part = run.parts.get()
    monkeypatch.setattr("runs.api.answers.MOST_STEPS", 5)
    newest = auditor.get(f"runs/{part.pk}/").json()["steps"]
    assert [step["item"] for step in newest] == [7, 8, 9, 10, 11]
    first = auditor.get(f"runs/{part.pk}/steps/?page_size=10").json()
    assert [step["item"] for step in first["results"]] == list(range(10))
