"""GET /tasks/, GET /tasks/{id}/ and POST /tasks/{id}/decide/"""

from governance.access.permissions import Scope
from tests.api.callers import Caller, by_session, by_token, problem_of
from tests.factories.asked import asked, output_of
from tests.factories.cast import Company
from tests.factories.runs import begin, finish, released
from tests.factories.waits import asking, task_of, team_of


def test_a_task_says_what_is_asked_and_who_could_decide(northwind: Company) -> None:
    run = asked(northwind, "edit", instructions="Be kind.")
    task = task_of(run)

    found = by_token(northwind.auditor, northwind).get(f"tasks/{task.pk}/").json()

    assert (found["kind"], found["state"], found["instructions"]) == ("edit", "open", "Be kind.")
    assert found["offers"] == {"accept": "Leave it as it is", "edit": "Take my edit"}
    assert {shown["name"]: shown["source"] for shown in found["shown"]} == {
        "letter": "$letter",
        "subject": "draft.text",
    }
    assert "those who may start" in found["obstacle"]
    operator = by_token(northwind.operator, northwind)
    assert operator.get(f"tasks/{task.pk}/").json()["obstacle"] == ""
    assert operator.get(found["shown"][0]["content"]).status_code == 200


def test_tasks_are_listed_by_run_state_and_for_whom_they_wait(northwind: Company) -> None:
    first, second = asked(northwind, "approve"), asked(northwind, "edit")
    operator, auditor = by_token(northwind.operator, northwind), by_token(northwind.auditor, northwind)

    def runs(caller: object, **query: object) -> list[str]:
        return [row["run"] for row in caller.get("tasks/", **query).json()["results"]]  # type: ignore[attr-defined]

    assert runs(auditor) == [str(second.pk), str(first.pk)]
    assert runs(auditor, run=first.pk) == [str(first.pk)]
    assert runs(auditor, state="decided") == []
    assert runs(auditor, waiting_for_me=True) == []
    assert runs(operator, waiting_for_me=True) == [str(second.pk), str(first.pk)]


def test_a_decision_is_made_once(northwind: Company) -> None:
    run = asked(northwind, "edit")
    operator, place = by_token(northwind.operator, northwind), f"tasks/{task_of(run).pk}/decide/"

    made = operator.post(place, {"decision": "edit", "reason": "Politer.", "value": "Dear customer."})
    again = operator.post(place, {"decision": "accept", "reason": "x"})

    assert made.status_code == 200
    assert (made.json()["state"], made.json()["decided_by_name"]) == ("decided", northwind.operator.name)
    assert made.json()["edited"]["size"] == len("Dear customer.")
    assert "decided this" in problem_of(again, 409)["detail"]
    assert finish(run).state == "succeeded"
    assert output_of(run) == "Dear customer."


def test_what_is_no_decision_is_refused_by_field(northwind: Company) -> None:
    run = asked(northwind, "edit")
    operator, place = by_token(northwind.operator, northwind), f"tasks/{task_of(run).pk}/decide/"

    for body, field in (
        ({"decision": "approve", "reason": "x"}, "decision"),
        ({"decision": "accept", "reason": "x", "value": "y"}, "value"),
        ({"decision": "edit", "reason": "x"}, "value"),
        ({"decision": "accept"}, "reason"),
        ({"decision": "accept", "reason": "x", "more": 1}, "more"),
    ):
        assert [error["field"] for error in problem_of(operator.post(place, body), 400)["errors"]] == [field]


def test_an_approval_in_a_protected_place_is_given_at_the_browser(northwind: Company) -> None:
    team_of(northwind, "Desk", northwind.approver)
    release = released(northwind, asking("approve", team="desk"), environment=northwind.production)
    run = finish(begin(northwind, release))
    place, body = f"tasks/{task_of(run).pk}/decide/", {"decision": "approve", "reason": "Seen."}

    refused = by_token(northwind.approver, northwind).post(place, body)
    assert "at the browser" in problem_of(refused, 403)["detail"]
    assert by_session(northwind.approver).post(place, body).status_code == 200


def test_what_no_token_can_decide_does_not_wait_for_one(northwind: Company) -> None:
    team_of(northwind, "Desk", northwind.approver)
    asking_there = asking("approve", team="desk")
    runs = [
        finish(begin(northwind, released(northwind, asking_there, environment=environment)))
        for environment in (northwind.development, northwind.production)
    ]

    def listed(caller: Caller, **query: object) -> list[tuple[str, bool]]:
        rows = caller.get("tasks/", **query).json()["results"]
        return [(row["run"], row["browser_only"]) for row in reversed(rows)]

    [free, shielded] = [(str(runs[0].pk), False), (str(runs[1].pk), True)]
    by_program = by_token(northwind.approver, northwind)
    assert listed(by_program) == [free, shielded]
    assert listed(by_program, waiting_for_me=True) == [free]
    assert listed(by_session(northwind.approver), waiting_for_me=True) == [free, shielded]
    found = by_program.get(f"tasks/{task_of(runs[1]).pk}/").json()
    assert (found["browser_only"], found["deciders"]) == (True, [northwind.approver.name])
    assert "at the browser" in found["obstacle"]


def test_a_token_that_only_reads_decides_nothing(northwind: Company) -> None:
    run = asked(northwind, "approve")
    reader = by_token(northwind.operator, northwind, scopes=frozenset({Scope.READ}))

    refused = reader.post(f"tasks/{task_of(run).pk}/decide/", {"decision": "approve", "reason": "x"})

    assert problem_of(refused, 403)["missing"] == "runs:write"
