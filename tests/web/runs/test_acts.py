"""POST /runs/{run}/resume/, cancel/, pause/, continue/, retry-now/, …: the acts of operators"""

import pytest
from django.urls import reverse

from runs.records.models import Run
from tests.factories.cast import Company
from tests.factories.runs import begin, chain, finish, released
from tests.factories.standing import put_off, undoing, unsure
from tests.visiting import Browsing
from tests.web.runs.recorded import failed, quick, waiting


def test_an_operator_resumes_a_failed_run_with_a_reason(northwind: Company, browsing: Browsing) -> None:
    run, client = failed(northwind), browsing(northwind.operator)
    address = reverse("runs:resume", args=[run.pk])
    assert 'name="reason"' in client.get(reverse("runs:run", args=[run.pk])).content.decode()
    for missing in ({}, {"reason": " "}):
        assert client.post(address, missing).status_code == 400
    assert Run.objects.get(pk=run.pk).state == Run.State.FAILED
    assert client.post(address, {"reason": "The pump is mended."}).status_code == 302
    assert Run.objects.get(pk=run.pk).state == Run.State.READY
    page = client.get(reverse("runs:run", args=[run.pk])).content.decode()
    assert "Resumed the run at step_0: The pump is mended." in page


def test_who_resumes_is_told_how_often_the_step_is_attempted(northwind: Company, browsing: Browsing) -> None:
    content = chain(1, function="returns@1", what="raise")
    content["nodes"][0]["retry"] = {"attempts": 4, "never": ["function_failed"]}
    run = finish(begin(northwind, released(northwind, content)))
    page = browsing(northwind.operator).get(reverse("runs:run", args=[run.pk])).content.decode()
    assert "It gets up to 4 attempts." in page


def test_an_operator_cancels_with_a_reason(northwind: Company, browsing: Browsing) -> None:
    run = waiting(northwind)
    client = browsing(northwind.operator)
    address = reverse("runs:cancel", args=[run.pk])
    assert client.post(address, {"reason": " "}).status_code == 400
    assert client.post(address, {"reason": "sent twice\x00"}).status_code == 400
    assert client.post(address, {"reason": "sent twice"}).status_code == 302
    found = Run.objects.get(pk=run.pk)
    assert found.state == Run.State.CANCELLED
    assert finish(found).position == 0
    assert "sent twice" in client.get(reverse("runs:run", args=[run.pk])).content.decode()


def test_the_wrong_moment_is_a_conflict(northwind: Company, browsing: Browsing) -> None:
    (run,) = quick(northwind, 1)
    client = browsing(northwind.operator)
    assert client.post(reverse("runs:resume", args=[run.pk]), {"reason": "late"}).status_code == 409
    assert client.post(reverse("runs:cancel", args=[run.pk]), {"reason": "late"}).status_code == 409


def test_an_operator_pauses_and_continues(northwind: Company, browsing: Browsing) -> None:
    run = waiting(northwind)
    client = browsing(northwind.operator)
    assert client.post(reverse("runs:pause", args=[run.pk]), {"reason": ""}).status_code == 400
    assert client.post(reverse("runs:pause", args=[run.pk]), {"reason": "wait a bit"}).status_code == 302
    assert Run.objects.get(pk=run.pk).state == Run.State.PAUSED
    assert client.post(reverse("runs:continue", args=[run.pk])).status_code == 302
    assert finish(run).state == Run.State.SUCCEEDED


def test_an_operator_tries_at_once(northwind: Company, browsing: Browsing) -> None:
    run = put_off(northwind)
    assert browsing(northwind.operator).post(reverse("runs:retry-now", args=[run.pk])).status_code == 302
    assert finish(run).attempt == 3


def test_an_operator_records_what_a_step_did_or_has_it_repeated(
    northwind: Company, browsing: Browsing
) -> None:
    client, run = browsing(northwind.operator), unsure(northwind)
    address = reverse("runs:record-effect", args=[run.pk])
    for wrong in ("", "{", "0.5"):
        assert client.post(address, {"output": wrong, "reason": "I looked"}).status_code == 400
    assert client.post(address, {"output": '{"paid": true}', "reason": "I looked"}).status_code == 302
    page = client.get(reverse("runs:run", args=[run.pk])).content.decode()
    assert f"recorded by {northwind.operator.name}: I looked" in page
    output = client.get(reverse("runs:output", args=[run.steps.get().pk])).content.decode()
    assert f"recorded by <strong>{northwind.operator.name}</strong>" in output
    again = unsure(northwind)
    repeat = reverse("runs:repeat-step", args=[again.pk])
    assert client.post(repeat, {"reason": "nothing is there"}).status_code == 302
    assert finish(again).state == Run.State.SUCCEEDED


def test_an_operator_has_the_undoing_tried_again(
    northwind: Company, browsing: Browsing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEEDED_FILE", "/nowhere")
    run = undoing(northwind, attempts=1)
    address = reverse("runs:retry-compensation", args=[run.pk])
    assert browsing(northwind.operator).post(address).status_code == 302
    assert Run.objects.get(pk=run.pk).state == Run.State.COMPENSATING


@pytest.mark.parametrize(
    "name",
    [
        "runs:resume",
        "runs:cancel",
        "runs:pause",
        "runs:continue",
        "runs:retry-now",
        "runs:repeat-step",
        "runs:retry-compensation",
    ],
)
def test_who_may_only_look_is_refused_and_who_may_not_look_finds_nothing(
    northwind: Company, rival: Company, browsing: Browsing, name: str
) -> None:
    run = failed(northwind)
    address = reverse(name, args=[run.pk])
    assert browsing(northwind.auditor).post(address, {"reason": "x"}).status_code == 403
    assert browsing(rival.operator).post(address, {"reason": "x"}).status_code == 404
    assert browsing(northwind.operator).get(address).status_code == 405
    assert Run.objects.get(pk=run.pk).state == Run.State.FAILED
