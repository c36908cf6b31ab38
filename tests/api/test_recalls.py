"""GET and POST /recalls/, one of them, its cases, and what is done to it."""

from governance.access.permissions import Scope
from runs.lineage.subjects import SubjectKind
from runs.recalls.models import Recall
from runs.records.models import Step
from tests.api.callers import by_token, problem_of
from tests.factories.cast import Company
from tests.factories.recalls import collected, opened
from tests.factories.runs import begin, chain, finish, released


def recalled(company: Company) -> Recall:
    """A recall with three cases."""
    run = finish(begin(company, released(company, chain(3)), reference="NW-1"))
    return collected(opened(company, SubjectKind.OUTPUT, Step.objects.get(run=run, node="step_0").pk))


def test_a_recall_is_opened_settled_and_closed(northwind: Company) -> None:
    finish(begin(northwind, released(northwind, chain(2))))
    caller = by_token(northwind.approver, northwind)
    asked = {"project": "complaints", "kind": "function", "key": "nothing@1", "title": "T", "reason": "R"}

    made = caller.post("recalls/", asked)
    assert (made.status_code, made.json()["state"], made.json()["found"]) == (201, "building", 0)
    recall = collected(Recall.objects.get(pk=made.json()["id"]))
    where = f"recalls/{recall.pk}/"
    assert made["Location"] == f"/api/v1/{where}"
    problem_of(caller.post(f"{where}close/", {"conclusion": "Done."}), 409)
    settled = caller.post(f"{where}settle/", {"cases": [1, 2], "status": "corrected", "note": "Sent anew."})
    assert settled.status_code == 200
    done = caller.post(f"{where}close/", {"conclusion": "Done."})
    assert (done.json()["state"], done.json()["conclusion"]) == ("closed", "Done.")
    problem_of(caller.post(f"{where}settle/", {"cases": [1], "status": "checked"}), 409)


def test_what_failed_is_collected_on(northwind: Company) -> None:
    recall = opened(northwind, SubjectKind.FUNCTION, "nothing@1")
    caller, where = by_token(northwind.approver, northwind), f"recalls/{recall.pk}/"
    problem_of(caller.post(f"{where}resume/", {"reason": "Once more."}), 409)
    Recall.objects.filter(pk=recall.pk).update(state="failed", failures=5, failure="it took too long")
    assert caller.get(where).json()["failure"] == "it took too long"
    problem_of(by_token(northwind.auditor, northwind).post(f"{where}resume/", {"reason": "Once more."}), 403)
    answer = caller.post(f"{where}resume/", {"reason": "Once more."})
    assert (answer.status_code, answer.json()["state"], answer.json()["failure"]) == (200, "building", "")


def test_cases_are_listed_with_what_became_of_them(northwind: Company) -> None:
    recall = recalled(northwind)
    by_token(northwind.approver, northwind).post(
        f"recalls/{recall.pk}/settle/", {"cases": [2], "status": "checked"}
    )
    caller = by_token(northwind.auditor, northwind)

    cases = caller.get(f"recalls/{recall.pk}/cases/").json()["results"]
    assert [(case["number"], case["node"], case["how"], case["status"]) for case in cases] == [
        (1, "step_0", "direct", "open"),
        (2, "step_1", "read", "checked"),
        (3, "step_2", "read", "open"),
    ]
    assert cases[0]["reference"] == "NW-1"
    left = caller.get(f"recalls/{recall.pk}/cases/", status="open").json()["results"]
    assert [case["number"] for case in left] == [1, 3]
    assert [row["id"] for row in caller.get("recalls/", state="open").json()["results"]] == [str(recall.pk)]
    assert caller.get("recalls/", state="closed").json()["results"] == []


def test_who_may_not_is_told_so(northwind: Company, rival: Company) -> None:
    recall = recalled(northwind)
    settle = f"recalls/{recall.pk}/settle/"
    body: dict[str, object] = {"cases": [1], "status": "checked"}

    problem_of(by_token(northwind.auditor, northwind).post(settle, body), 403)
    problem_of(by_token(rival.owner, rival).post(settle, body), 404)
    reading = by_token(northwind.approver, northwind, scopes=frozenset({Scope.READ}))
    problem_of(reading.post(settle, body), 403)
    caller = by_token(northwind.approver, northwind)
    wrongs: list[dict[str, object]] = [{"cases": []}, {"status": "open"}, {"cases": [99]}]
    wrongs.append({"status": "corrected", "note": ""})
    for wrong in wrongs:
        problem_of(caller.post(settle, body | wrong), 400)
    asked = {"project": "complaints", "kind": "version", "key": "x", "title": "T", "reason": "R"}
    problem_of(caller.post("recalls/", asked), 400)
