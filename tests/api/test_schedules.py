"""GET and POST /schedules/, one of them, its firings, and what is done to it."""

from typing import Any

import pytest

from governance.access.permissions import Scope
from runs.records.models import Run
from runs.schedules.firing import fire_due
from runs.schedules.models import Schedule
from tests.api.callers import Caller, by_token, problem_of
from tests.factories.cast import Company
from tests.factories.runs import LETTER, chain, released
from tests.factories.schedules import make_due, scheduled

DEEP = "[" * 10_000 + "]" * 10_000


def asked(company: Company, **changed: Any) -> dict[str, Any]:
    """A body that is in order, but for what is changed; None leaves a field out."""
    release = released(company, chain(1))
    found = {
        "workflow": f"complaints/{release.workflow.slug}",
        "environment": "development",
        "name": "Morning letters",
        "zone": "Europe/Berlin",
        "cron": "0 9 * * 1-5",
        "inputs": {"letter": LETTER},
        **changed,
    }
    return {name: value for name, value in found.items() if value is not None}


def operator(company: Company) -> Caller:
    return by_token(company.operator, company)


def test_a_schedule_is_set_and_read(northwind: Company) -> None:
    caller = operator(northwind)

    made = caller.post("schedules/", asked(northwind))

    found = made.json()
    assert made.status_code == 201
    assert made["Location"] == f"/api/v1/schedules/{found['id']}/"
    assert (found["words"], found["state"], found["edition"]) == (
        "At 09:00 on Monday through Friday",
        "on",
        1,
    )
    assert found["next_times"][0] == found["next_at"]
    assert len(found["next_times"]) == 5
    assert (found["inputs"], found["last_firing"]) == ({"letter": LETTER}, None)
    assert caller.get(f"schedules/{found['id']}/").json() == found


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"workflow": None}, "workflow"),
        ({"workflow": "complaints/nothing"}, "workflow"),
        ({"environment": "nowhere"}, "environment"),
        ({"name": ""}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"zone": "Mars/Olympus"}, "zone"),
        ({"zone": "../../etc/passwd"}, "zone"),
        ({"cron": "1" * 101}, "cron"),
        ({"cron": "* * * *"}, "cron"),
        ({"cron": "0 9 * * \u0663"}, "cron"),
        ({"every_s": 3600}, "cron"),
        ({"cron": None, "every_s": 59}, "every_s"),
        ({"cron": None, "every_s": True}, "every_s"),
        ({"inputs": {}}, "letter"),
        ({"inputs": {"letter": "x" * 70_000}}, "inputs"),
        ({"inputs": [1]}, "inputs"),
        ({"inputs": {"letter": {"text": "x"}}}, "inputs"),
        ({"overlap": "perhaps"}, "overlap"),
        ({"next_at": "2030-01-01T00:00:00Z"}, "next_at"),
        ({"saved_by": "x"}, "saved_by"),
    ],
)
def test_what_is_wrong_is_named(changed: dict[str, Any], field: str, northwind: Company) -> None:
    problem = problem_of(operator(northwind).post("schedules/", asked(northwind, **changed)), 400)
    assert [each["field"].split(".")[0] for each in problem["errors"]] == [field]
    assert not Schedule.objects.exists()


@pytest.mark.parametrize("changed", [{"name": "a\x00b"}, {"cron": None, "every_s": 10**400}])
def test_what_is_no_text_or_number_is_refused_before_it_is_read(
    changed: dict[str, Any], northwind: Company
) -> None:
    problem_of(operator(northwind).post("schedules/", asked(northwind, **changed)), 400)
    assert not Schedule.objects.exists()


def test_it_is_changed_in_the_edition_that_was_read(northwind: Company) -> None:
    caller = operator(northwind)
    made = caller.post("schedules/", asked(northwind)).json()
    terms = {name: made[name] for name in ("name", "zone", "inputs", "overlap", "catch_up", "edition")}
    place = f"schedules/{made['id']}/change/"

    changed = caller.post(place, {**terms, "every_s": 600})

    found = changed.json()
    assert (found["words"], found["cron"], found["edition"]) == ("Every 10 minutes", "", 2)
    assert "meanwhile" in problem_of(caller.post(place, {**terms, "every_s": 600}), 409)["detail"]


def test_it_is_paused_resumed_and_retired(northwind: Company) -> None:
    caller, schedule = operator(northwind), scheduled(northwind)
    place = f"schedules/{schedule.pk}"

    paused = caller.post(f"{place}/pause/", {"reason": "Holidays."}).json()
    assert (paused["state"], paused["next_at"], paused["next_times"]) == ("paused", None, [])
    assert caller.post(f"{place}/resume/", {}).json()["state"] == "on"
    problem_of(caller.post(f"{place}/resume/", {}), 409)
    assert caller.post(f"{place}/retire/", {"reason": "Done."}).json()["state"] == "retired"
    problem_of(caller.post(f"{place}/pause/", {"reason": "x"}), 409)
    assert caller.get("schedules/").json()["results"] == []
    assert [row["id"] for row in caller.get("schedules/", state="retired").json()["results"]] == [
        str(schedule.pk)
    ]


def test_firings_are_listed_with_their_runs_and_reasons(northwind: Company) -> None:
    caller = by_token(northwind.auditor, northwind)
    schedule = make_due(scheduled(northwind), missed=2)
    fire_due()

    found = caller.get(f"schedules/{schedule.pk}/firings/").json()["results"]

    assert [(row["outcome"], row["times"]) for row in found] == [("started", 1), ("missed", 2)]
    assert found[0]["run"] == str(Run.objects.get().pk)
    assert "no sweeper" in found[1]["reason"]
    assert caller.get(f"schedules/{schedule.pk}/").json()["last_firing"] == found[0]


def test_the_list_is_narrowed(northwind: Company) -> None:
    caller, schedule = operator(northwind), scheduled(northwind)

    def listed(**query: str) -> list[str]:
        return [row["name"] for row in caller.get("schedules/", **query).json()["results"]]

    assert listed(workflow=schedule.workflow.slug, environment="development", project="complaints") == [
        "Hourly"
    ]
    assert listed(environment="production") == listed(state="paused") == []
    problem_of(caller.get("schedules/", colour="red"), 400)
    problem_of(caller.get("schedules/", state="asleep"), 400)


def test_others_do_not_find_it(northwind: Company, rival: Company) -> None:
    schedule, caller = scheduled(northwind), operator(rival)

    assert caller.get("schedules/").json()["results"] == []
    for part in ("", "firings/"):
        problem_of(caller.get(f"schedules/{schedule.pk}/{part}"), 404)
    for part in ("change/", "pause/", "resume/", "retire/"):
        problem_of(caller.post(f"schedules/{schedule.pk}/{part}", {"reason": "x"}), 404)
    body = asked(northwind, workflow=str(schedule.workflow_id))
    assert [each["field"] for each in problem_of(caller.post("schedules/", body), 400)["errors"]] == [
        "workflow"
    ]


def test_who_may_not_start_runs_sets_none(northwind: Company) -> None:
    body = asked(northwind)
    reader = by_token(northwind.operator, northwind, scopes=frozenset({Scope.READ}))
    assert problem_of(reader.post("schedules/", body), 403)["missing"] == "triggers:write"
    assert problem_of(by_token(northwind.author, northwind).post("schedules/", body), 403)["missing"] == (
        "operate_runs"
    )


def test_a_body_of_ten_thousand_brackets_is_no_failure(northwind: Company) -> None:
    body = asked(northwind)
    body["inputs"] = {"letter": DEEP}
    assert operator(northwind).post("schedules/", body).status_code == 201  # a text like any other


def test_a_token_that_starts_runs_does_not_leave_behind_what_does(northwind: Company) -> None:
    starts = by_token(northwind.operator, northwind, scopes=frozenset({Scope.READ, Scope.RUNS_WRITE}))
    made = by_token(northwind.operator, northwind).post("schedules/", asked(northwind)).json()

    assert starts.post(f"schedules/{made['id']}/pause/", {"reason": "A holiday."}).status_code == 200
    for part, body in (("", asked(northwind)), (f"{made['id']}/resume/", {}), (f"{made['id']}/change/", {})):
        refused = problem_of(starts.post(f"schedules/{part}", body), 403)
        assert refused["missing"] == "triggers:write"
