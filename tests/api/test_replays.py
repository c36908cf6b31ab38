"""POST /runs/{id}/verify/, replay/, fork/; GET /runs/{id}/compare/{other}/"""

from governance.access.permissions import Scope
from runs.records.models import Run
from tests.api.callers import Caller, by_token, fields_of, problem_of
from tests.factories.cast import Company
from tests.factories.runs import begin, chain, complaint, finish, released
from tests.factories.things import make_prompt
from tests.providers.serving import Serving

WHY = {"reason": "Does it do the same?"}
READS = frozenset({Scope.READ})


def test_whoever_may_read_may_verify(northwind: Company) -> None:
    run = finish(begin(northwind, released(northwind, chain(3))))
    reader = by_token(northwind.auditor, northwind, scopes=READS)
    found = reader.post(f"runs/{run.pk}/verify/").json()
    assert found == {"holds": True, "steps": 3, "runs": 1, "differences": [], "differences_in_all": 0}
    kinds = [event["kind"] for event in reader.get(f"runs/{run.pk}/events/").json()["results"]]
    assert kinds[-1] == "run.verified"


def test_a_run_is_run_again_and_held_beside_the_first(northwind: Company, operator: Caller) -> None:
    run = finish(begin(northwind, released(northwind, chain(2))))
    answer = operator.post(f"runs/{run.pk}/replay/", WHY)
    assert answer.status_code == 201
    again = answer.json()
    assert operator.get(answer.headers["Location"]).json()["id"] == again["id"]
    assert (again["origin"], again["source"], again["replaced"]) == ("replay", str(run.pk), [])
    finish(Run.objects.get(pk=again["id"]))
    found = operator.get(f"runs/{run.pk}/compare/{again['id']}/").json()
    assert (found["parting"], [pair["same"] for pair in found["pairs"]]) == (None, [True, True])
    assert found["pairs"][0]["left"]["output"]["sha256"] == found["pairs"][0]["right"]["output"]["sha256"]


def test_a_fork_with_another_prompt_names_it(northwind: Company, operator: Caller, serving: Serving) -> None:
    release = released(northwind, complaint(northwind), environment=northwind.production)
    run = finish(begin(northwind, release))
    other = make_prompt(northwind, text="In one word.")
    place, body = f"runs/{run.pk}/fork/", {**WHY, "position": 2}
    overrides = {"summarise": {"prompt": str(other.pk)}}
    assert fields_of(operator.post(place, {**body, "overrides": overrides})) == {"environment"}
    there = {**body, "environment": "development", "overrides": overrides}

    answer = operator.post(place, there)

    assert answer.status_code == 201
    fork = answer.json()
    assert (fork["overrides"], fork["approvals"], fork["source_position"]) == (overrides, [], 2)
    [replaced] = fork["replaced"]
    assert (replaced["node"], replaced["kind"], replaced["version"]["id"]) == (
        "summarise", "prompt", str(other.pk)
    )  # fmt: skip
    assert [step["node"] for step in fork["steps"]] == ["redact", "classify"]
    assert operator.get(f"runs/{run.pk}/compare/{fork['id']}/").json()["parting"] == "summarise"
    late = {**there, "position": 3}
    assert fields_of(operator.post(place, late)) == {"summarise"}  # what is copied is not executed


def test_bodies_are_checked_and_others_are_refused(
    northwind: Company, rival: Company, operator: Caller, auditor: Caller
) -> None:
    run = finish(begin(northwind, released(northwind, chain(1))))
    place, body = f"runs/{run.pk}/fork/", {**WHY, "position": 0}
    assert fields_of(operator.post(place, {})) == {"position", "reason"}
    assert fields_of(operator.post(place, {**body, "environment": "nowhere"})) == {"environment"}
    unseen = {"step_0": {"prompt": str(make_prompt(rival).pk)}}
    assert fields_of(operator.post(place, {**body, "overrides": unseen})) == {"step_0"}
    problem_of(auditor.post(place, body), 403)
    problem_of(auditor.post(f"runs/{run.pk}/replay/", WHY), 403)
    theirs = finish(begin(rival, released(rival, chain(1))))
    for act, sent in (("fork", body), ("replay", WHY), ("verify", None)):
        problem_of(operator.post(f"runs/{theirs.pk}/{act}/", sent), 404)
    for pair in ((run, theirs), (theirs, run)):
        problem_of(operator.get(f"runs/{pair[0].pk}/compare/{pair[1].pk}/"), 404)
    other = finish(begin(northwind, released(northwind, chain(1))))
    problem_of(operator.get(f"runs/{run.pk}/compare/{other.pk}/"), 400)


def test_what_changes_something_outside_is_not_run_again(northwind: Company, operator: Caller) -> None:
    content = chain(2)
    content["nodes"][1]["effect"] = "idempotent"
    run = finish(begin(northwind, released(northwind, content)))
    problem = problem_of(operator.post(f"runs/{run.pk}/replay/", WHY), 409)
    assert "step_1" in problem["detail"]


def test_the_same_key_starts_nothing_twice(northwind: Company, operator: Caller) -> None:
    run = finish(begin(northwind, released(northwind, chain(2))))
    acts: list[tuple[str, dict[str, object]]] = [("replay", {**WHY}), ("fork", {**WHY, "position": 1})]
    for act, body in acts:
        place, key = f"runs/{run.pk}/{act}/", {"Idempotency-Key": f"my-{act}"}
        first = operator.post(place, body, headers=key)
        again = operator.post(place, body, headers=key)
        assert (first.status_code, again.status_code) == (201, 200)
        assert again.headers["Idempotent-Replay"] == "true"
        assert again.json()["id"] == first.json()["id"]
        assert again.headers["Location"] == first.headers["Location"]
        problem_of(operator.post(place, {**body, "reason": "Something else."}, headers=key), 409)
        assert fields_of(operator.post(place, body, headers={"Idempotency-Key": "two words"})) == {
            "Idempotency-Key"
        }
        assert operator.post(place, body).status_code == 201, "without a key it is another one"
    assert Run.objects.filter(source=run).count() == 4
