"""POST /runs/{run}/resume/ and /cancel/"""

import pytest
from django.urls import reverse

from runs.records.models import Run
from tests.factories.cast import Company
from tests.factories.runs import finish
from tests.visiting import Browsing
from tests.web.runs.recorded import failed, quick, waiting


def test_an_operator_resumes_a_failed_run(northwind: Company, browsing: Browsing) -> None:
    run = failed(northwind)
    response = browsing(northwind.operator).post(reverse("runs:resume", args=[run.pk]))
    assert response.status_code == 302
    assert Run.objects.get(pk=run.pk).state == Run.State.QUEUED


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
    assert client.post(reverse("runs:resume", args=[run.pk])).status_code == 409
    assert client.post(reverse("runs:cancel", args=[run.pk]), {"reason": "late"}).status_code == 409


@pytest.mark.parametrize("name", ["runs:resume", "runs:cancel"])
def test_who_may_only_look_is_refused_and_who_may_not_look_finds_nothing(
    northwind: Company, rival: Company, browsing: Browsing, name: str
) -> None:
    run = failed(northwind)
    address = reverse(name, args=[run.pk])
    assert browsing(northwind.auditor).post(address, {"reason": "x"}).status_code == 403
    assert browsing(rival.operator).post(address, {"reason": "x"}).status_code == 404
    assert browsing(northwind.operator).get(address).status_code == 405
    assert Run.objects.get(pk=run.pk).state == Run.State.FAILED
