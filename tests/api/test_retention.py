"""GET /retention/, GET and POST /holds/, and GET /erasures/."""

from typing import Any

import pytest

from runs.retention.models import Hold
from tests.api.callers import by_token, problem_of
from tests.factories.cast import Company
from tests.factories.retention import announced, keep_for, old_run
from tests.factories.runs import chain, released

pytestmark = pytest.mark.django_db
WHY = {"reason": "The customer has gone to court."}


def test_rules_and_erasures_are_read(northwind: Company) -> None:
    old_run(northwind, released(northwind, chain(2)))
    keep_for(northwind, "internal")
    [erasure] = announced()
    caller = by_token(northwind.auditor, northwind)

    [rule] = caller.get("retention/").json()["rules"]
    assert (rule["classification"], rule["days"], rule["by_name"]) == ("internal", 183, northwind.owner.name)
    [row] = caller.get("erasures/").json()["results"]
    assert (row["id"], row["contents"], row["waiting"]) == (str(erasure.pk), 3, 3)
    assert caller.get(f"erasures/{erasure.pk}/").json() == row


@pytest.mark.parametrize(
    "asked",
    [
        {"scope": "reference", "key": "CASE-7"},
        {"scope": "project"},
        {"scope": "period", "since": "2026-01-01", "until": "2026-02-01"},
    ],
    ids=["reference", "project", "period"],
)
def test_an_owner_places_a_hold(northwind: Company, asked: dict[str, Any]) -> None:
    caller = by_token(northwind.owner, northwind)
    made = caller.post("holds/", {"project": "complaints", **asked, **WHY})
    assert made.status_code == 201, made.json()
    hold = Hold.objects.get()
    assert (str(hold.pk), hold.scope, hold.project) == (made.json()["id"], asked["scope"], northwind.project)
    assert made.json()["lifted_by"] == []
    assert caller.get("holds/").json()["results"] == [made.json()] == [caller.get(f"holds/{hold.pk}/").json()]


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"scope": "run", "key": "x"}, "key"),
        ({"scope": "reference"}, "key"),
        ({"scope": "period", "since": "2026-01-01"}, "since"),
        ({"scope": "period", "since": "2026-01-02", "until": "2026-01-01"}, "until"),
        ({"scope": "person"}, "scope"),
    ],
    ids=["run", "reference", "half", "turned", "scope"],
)
def test_a_wrong_hold_names_the_field(northwind: Company, asked: dict[str, Any], field: str) -> None:
    caller = by_token(northwind.owner, northwind)
    answer = caller.post("holds/", {"project": "complaints", **asked, **WHY})
    assert [each["field"] for each in problem_of(answer, 400)["errors"]] == [field]
    assert not Hold.objects.exists()


def test_others_place_none(northwind: Company) -> None:
    caller = by_token(northwind.operator, northwind)
    problem_of(caller.post("holds/", {"project": "complaints", "scope": "project", **WHY}), 403)
