"""POST and GET /runs/{id}/signals/"""

from runs.records.models import Step
from tests.api.callers import Caller, by_token, problem_of
from tests.factories.cast import Company
from tests.factories.runs import begin, finish, released
from tests.factories.waits import waiting

KEY = {"Idempotency-Key": "payment-7"}


def test_a_signal_is_told_once_and_taken(northwind: Company) -> None:
    run = finish(begin(northwind, released(northwind, waiting())))
    operator, place = by_token(northwind.operator, northwind), f"runs/{run.pk}/signals/"

    first = operator.post(place, {"name": "paid", "payload": {"cents": 1200}}, headers=KEY)
    again = operator.post(place, {"name": "paid", "payload": {"cents": 1200}}, headers=KEY)
    other = operator.post(place, {"name": "paid", "payload": {"cents": 1}}, headers=KEY)

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.headers["Idempotent-Replay"] == "true"
    assert again.json() == first.json()
    assert "another payload" in problem_of(other, 409)["detail"]
    assert (first.json()["key"], first.json()["step"]) == ("payment-7", None)

    assert finish(run).state == "succeeded"
    [listed] = operator.get(place).json()["results"]
    assert Step.objects.get(pk=listed["step"]).node == "payment"
    content = operator.get(listed["payload"]["content"])
    assert content.content == b'{"cents":1200}'


def test_a_name_alone_is_an_empty_object(northwind: Company) -> None:
    run = finish(begin(northwind, released(northwind, waiting())))
    told = by_token(northwind.operator, northwind).post(
        f"runs/{run.pk}/signals/", {"name": "paid"}, headers=KEY
    )
    assert told.status_code == 201
    assert told.json()["payload"]["size"] == 2


def test_a_run_that_has_ended_is_told_nothing(northwind: Company) -> None:
    run = begin(northwind, released(northwind, waiting()))
    operator = by_token(northwind.operator, northwind)
    operator.post(f"runs/{run.pk}/cancel/", {"reason": "x"})

    refused = operator.post(f"runs/{run.pk}/signals/", {"name": "paid"}, headers=KEY)

    assert "cancelled" in problem_of(refused, 409)["detail"]
    assert operator.get(f"runs/{run.pk}/signals/").json()["results"] == []


def test_what_is_wrong_is_named(northwind: Company, operator: Caller) -> None:
    run = begin(northwind, released(northwind, waiting()))
    place = f"runs/{run.pk}/signals/"

    keyless = problem_of(operator.post(place, {"name": "paid"}), 400)
    unknown = problem_of(operator.post(place, {"name": "other"}, headers=KEY), 400)
    half = problem_of(operator.post(place, {"name": "paid", "payload": 0.5}, headers=KEY), 400)

    assert keyless["errors"][0]["field"] == "Idempotency-Key"
    assert unknown["errors"][0]["field"] == "name"
    assert "fraction" in half["detail"]
