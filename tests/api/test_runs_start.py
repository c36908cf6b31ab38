"""POST /runs/"""

from base64 import b64encode
from uuid import uuid4

import pytest

from governance.access.permissions import Scope
from governance.ledger.models import Event
from runs.artifacts.opening import bytes_of
from runs.records.models import Run, RunInput
from tests.api.callers import Caller, by_token, fields_of, problem_of
from tests.factories.cast import Company
from tests.factories.runs import LETTER, chain, released
from tests.factories.things import make_prompt, make_workflow
from tests.harness.fresh import FreshDatabase


def wanted(company: Company, **changed: object) -> dict[str, object]:
    """A good request for a run of a newly released workflow."""
    release = released(company, chain(2))
    body = {"workflow": f"{company.project.slug}/{release.workflow.slug}", "environment": "development"}
    return {**body, "inputs": {"letter": LETTER}, **changed}


def key() -> dict[str, str]:
    """A new idempotency key."""
    return {"Idempotency-Key": str(uuid4())}


def test_a_run_is_started_and_found_where_it_was_put(northwind: Company, operator: Caller) -> None:
    made = operator.post("runs/", wanted(northwind, reference="CASE-1"), headers=key())
    assert made.status_code == 201
    assert "Idempotent-Replay" not in made.headers
    found = operator.get(made.headers["Location"]).json()
    assert (found["state"], found["reference"], found["origin"]) == ("queued", "CASE-1", "api")
    assert (found["started_by_name"], found["steps"]) == ("Otto Operator", [])
    assert found["inputs"][0]["artifact"]["size"] == len(LETTER)
    assert "Waiting for a worker" in found["why_not_moving"]
    assert Event.objects.of_run(Run.objects.get().pk).get().kind == "run.started"


@pytest.mark.parametrize(
    ("given", "filename"),
    [
        ({"filename": "letter.txt", "text": LETTER}, "letter.txt"),
        ({"filename": "../../etc/letter.txt", "base64": b64encode(LETTER.encode()).decode()}, "letter.txt"),
    ],
)
def test_a_document_is_sent_as_text_or_bytes(
    northwind: Company, operator: Caller, given: dict[str, str], filename: str
) -> None:
    assert (
        operator.post("runs/", wanted(northwind, inputs={"letter": given}), headers=key()).status_code == 201
    )
    stored = RunInput.objects.select_related("artifact").get()
    assert (bytes_of(stored.artifact), stored.filename) == (LETTER.encode(), filename)


def test_the_workflow_and_environment_may_be_named_by_identifier(
    northwind: Company, operator: Caller
) -> None:
    release = released(northwind, chain(1))
    named = {"workflow": str(release.workflow_id), "environment": str(northwind.development.pk)}
    assert operator.post("runs/", {**wanted(northwind), **named}, headers=key()).json()["release"][
        "id"
    ] == str(release.pk)


@pytest.mark.parametrize(
    "header", [{}, {"Idempotency-Key": ""}, {"Idempotency-Key": "a b"}, {"Idempotency-Key": "x" * 201}]
)
def test_a_run_without_a_good_key_is_not_started(
    northwind: Company, operator: Caller, header: dict[str, str]
) -> None:
    assert fields_of(operator.post("runs/", wanted(northwind), headers=header)) == {"Idempotency-Key"}
    assert not Run.objects.exists()


def test_the_same_request_under_the_same_key_is_the_same_run(northwind: Company, operator: Caller) -> None:
    body, header = wanted(northwind), key()
    first, again = (operator.post("runs/", body, headers=header) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.headers["Idempotent-Replay"] == "true"
    assert first.json()["id"] == again.json()["id"]
    assert Run.objects.count() == 1


def test_another_request_under_the_same_key_is_refused(northwind: Company, operator: Caller) -> None:
    body, header = wanted(northwind), key()
    operator.post("runs/", body, headers=header)
    problem_of(operator.post("runs/", {**body, "reference": "other"}, headers=header), 409)
    assert Run.objects.count() == 1


@pytest.mark.parametrize(
    ("inputs", "field"),
    [
        ({}, "letter"),
        ({"letter": LETTER, "extra": "x"}, "extra"),
        ({"letter": ""}, "letter"),
        ({"letter": "x" * 20_001}, "letter"),
        ({"letter": {"filename": "a", "base64": b64encode(b"\xff\xfe").decode()}}, "letter"),
        ({"letter": {"filename": "a", "base64": b64encode(b"a\x00b").decode()}}, "letter"),
        ({"letter": {"filename": "a", "base64": "***"}}, "inputs.letter"),
        ({"letter": {"filename": "a" * 201, "text": "x"}}, "inputs.letter"),
        ({"letter": {"filename": "a", "text": "x", "base64": "eA=="}}, "inputs.letter"),
        ({"letter": {"text": "x"}}, "inputs.letter"),
        ({"letter": 5}, "inputs.letter"),
        ({"letter": None}, "inputs.letter"),
        ({"letter": {"filename": 5, "text": "x"}}, "inputs.letter"),
        ({"letter": {"filename": "a", "text": ["x"]}}, "inputs.letter"),
        ([], "inputs"),
    ],
)
def test_an_unfit_input_is_named_and_nothing_is_written(
    northwind: Company, operator: Caller, inputs: object, field: str
) -> None:
    assert fields_of(operator.post("runs/", wanted(northwind, inputs=inputs), headers=key())) == {field}
    assert not Run.objects.exists()


@pytest.mark.parametrize(
    "name",
    ["claims/anything", "complaints/nothing", "nothing", "a/b/c", "", "a511834d-ecbe-441c-8e7a-d94fbc93ce52"],
)
def test_a_workflow_out_of_reach_is_a_wrong_field(northwind: Company, operator: Caller, name: str) -> None:
    assert fields_of(operator.post("runs/", wanted(northwind, workflow=name), headers=key())) == {"workflow"}


def test_nothing_of_another_organisation_can_be_started(
    northwind: Company, rival: Company, operator: Caller
) -> None:
    theirs = released(rival, chain(1))
    for name in (f"claims/{theirs.workflow.slug}", str(theirs.workflow_id)):
        assert fields_of(operator.post("runs/", wanted(northwind, workflow=name), headers=key())) == {
            "workflow"
        }
    place = str(rival.development.pk)
    assert fields_of(operator.post("runs/", wanted(northwind, environment=place), headers=key())) == {
        "environment"
    }
    assert not Run.objects.exists()


def test_a_prompt_cannot_be_run(northwind: Company, operator: Caller) -> None:
    name = str(make_prompt(northwind).asset_id)
    assert fields_of(operator.post("runs/", wanted(northwind, workflow=name), headers=key())) == {"workflow"}


def test_what_is_not_released_there_is_not_started(northwind: Company, operator: Caller) -> None:
    workflow = make_workflow(northwind).asset
    body = {"workflow": f"complaints/{workflow.slug}", "environment": "production", "inputs": {"letter": "x"}}
    assert "released" in problem_of(operator.post("runs/", body, headers=key()), 409)["detail"]


@pytest.mark.parametrize(
    "field", ["state", "release", "approvals", "project", "idempotency_key", "started_by"]
)
def test_nobody_sets_more_than_is_asked_for(northwind: Company, operator: Caller, field: str) -> None:
    assert fields_of(operator.post("runs/", wanted(northwind, **{field: "x"}), headers=key())) == {field}


def test_an_auditor_starts_nothing(northwind: Company, auditor: Caller) -> None:
    assert (
        problem_of(auditor.post("runs/", wanted(northwind), headers=key()), 403)["missing"] == "operate_runs"
    )


def test_a_token_that_only_reads_starts_nothing(northwind: Company) -> None:
    reader = by_token(northwind.operator, northwind, scopes=frozenset({Scope.READ}))
    assert problem_of(reader.post("runs/", wanted(northwind), headers=key()), 403)["missing"] == "runs:write"


def test_twenty_starts_at_once_under_one_key_are_one_run(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    body, header = wanted(northwind), key()
    callers = [by_token(northwind.operator, northwind) for _ in range(20)]
    answers = fresh_database.at_once(
        *(lambda caller=caller: caller.post("runs/", body, headers=header) for caller in callers)
    )
    assert sorted(getattr(answer, "status_code", 0) for answer in answers) == [200] * 19 + [201]
    assert len({answer.json()["id"] for answer in answers if not isinstance(answer, Exception)}) == 1
    assert Run.objects.count() == 1
    assert Event.objects.filter(kind="run.started").count() == 1
