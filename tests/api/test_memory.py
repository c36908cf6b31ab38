"""GET /memory/, GET /memory/{id}/ and POST /memory/{id}/revert/"""

from governance.access.permissions import Scope
from runs.memory.models import Entry
from runs.records.models import Run
from tests.api.callers import Caller, by_token, problem_of
from tests.factories.cast import Company
from tests.factories.remembered import remembering
from tests.factories.runs import begin, finish, released


def kept(company: Company, *keys: str) -> list[Run]:
    """A run for each key, one after another."""
    release = released(company, remembering())
    return [finish(begin(company, release, key)) for key in keys]


def listed(caller: Caller, **query: object) -> list[tuple[str, int]]:
    return [(row["key"], row["number"]) for row in caller.get("memory/", **query).json()["results"]]


def test_what_holds_is_listed_by_project_namespace_and_key(northwind: Company) -> None:
    kept(northwind, "Ada", "Bob", "Ada")
    caller = by_token(northwind.auditor, northwind)

    assert listed(caller) == [("Ada", 2), ("Bob", 1)]
    assert listed(caller, every_version=True) == [("Ada", 2), ("Bob", 1), ("Ada", 1)]
    assert listed(caller, namespace="senders", key="Bob") == [("Bob", 1)]
    assert listed(caller, project="complaints") == [("Ada", 2), ("Bob", 1)]
    assert listed(caller, project="elsewhere") == listed(caller, namespace="desks") == []
    problem_of(caller.get("memory/", colour="red"), 400)


def test_what_is_remembered_is_listed_as_a_run_saw_it(northwind: Company) -> None:
    runs = kept(northwind, "Ada", "Ada", "Bob")
    caller = by_token(northwind.auditor, northwind)

    assert listed(caller, as_of=runs[0].pk) == []
    assert listed(caller, as_of=runs[1].pk) == [("Ada", 1)]
    assert listed(caller, as_of=runs[2].pk) == [("Ada", 2)]
    assert listed(caller, as_of=runs[2].pk, every_version=True) == [("Ada", 2), ("Ada", 1)]


def test_a_version_says_what_it_holds_who_wrote_it_and_who_read_it(northwind: Company) -> None:
    runs = kept(northwind, "Ada", "Ada")
    entry = Entry.objects.get(number=1)

    found = by_token(northwind.auditor, northwind).get(f"memory/{entry.pk}/").json()

    assert (found["text"], found["classification"]) == ('{"text":""}', entry.classification)
    assert (found["run"], found["step"]) == (str(runs[0].pk), str(entry.step_id))
    assert [(read["run"], read["name"]) for read in found["read_by"]] == [(str(runs[1].pk), "known")]


def test_others_do_not_find_it(northwind: Company, rival: Company) -> None:
    (run,) = kept(northwind, "Ada")
    caller = by_token(rival.owner, rival)

    assert listed(caller) == []
    problem_of(caller.get(f"memory/{Entry.objects.get().pk}/"), 404)
    problem_of(caller.get("memory/", as_of=run.pk), 400)


def test_going_back_makes_a_new_version_once(northwind: Company) -> None:
    kept(northwind, "Ada", "Ada")
    first = Entry.objects.get(number=1)
    operator, place = by_token(northwind.operator, northwind), f"memory/{first.pk}/revert/"

    made = operator.post(place, {"reason": "The second was wrong."})
    again = operator.post(place, {"reason": "Once more."})

    assert made.status_code == 201
    assert (made.json()["number"], made.json()["restores"]) == (3, str(first.pk))
    assert (made.json()["reason"], made.json()["text"]) == ("The second was wrong.", '{"text":""}')
    assert (made.json()["run"], made.json()["author_name"]) == (None, northwind.operator.name)
    assert "holds already" in problem_of(again, 409)["detail"]
    assert [error["field"] for error in problem_of(operator.post(place, {}), 400)["errors"]] == ["reason"]


def test_who_only_reads_does_not_go_back(northwind: Company) -> None:
    kept(northwind, "Ada", "Ada")
    place, why = f"memory/{Entry.objects.get(number=1).pk}/revert/", {"reason": "x"}

    reader = by_token(northwind.operator, northwind, scopes=frozenset({Scope.READ}))
    assert problem_of(reader.post(place, why), 403)["missing"] == "runs:write"
    problem_of(by_token(northwind.auditor, northwind).post(place, why), 403)
