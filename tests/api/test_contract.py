"""Every operation against its own schema: what it allows, what it does not, and what is known to be good."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode, openapi
from schemathesis.specs.openapi import checks

from governance.ledger.models import Event
from portal.api.schema import document
from portal.wsgi import application
from runs.durable.pause import pause_run
from runs.lineage.subjects import SubjectKind
from runs.memory.models import Entry
from runs.records.models import Run, RunInput, Step
from runs.schedules.services import pause_schedule
from tests.api.callers import Caller, by_token
from tests.factories.cast import Company
from tests.factories.recalls import acts_on_recalls, collected, opened
from tests.factories.remembered import remembering
from tests.factories.retention import a_hold, held, some_announced
from tests.factories.runs import LETTER, begin, chain, complaint, finish, put_into_effect, released
from tests.factories.schedules import scheduled
from tests.factories.standing import FAILS, put_off, undoing, unsure
from tests.factories.things import PROMPT, make_approved, make_release, make_version, make_workflow
from tests.factories.waits import asking, task_of, waiting
from tests.factories.webhooks import acts_on_webhooks, delivered
from tests.providers.serving import Serving

SCHEMA = openapi.from_dict(document())
SCHEMA.app = application
HOLDS = [
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.response_headers_conformance,
]
OPERATIONS = [(path, method) for path, methods in document()["paths"].items() for method in methods]
ASKED = {"purpose": "audit", "reason": "The auditor asks for it."}
SIGNED = ("/api/v1/evidence/", "/api/v1/ledger/")  # nothing is proven here: no keeper has signed the log
BOUNDED = settings(
    max_examples=12,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@dataclass
class World:
    """One organisation with an object of every kind, and somebody for every role in it."""

    company: Company
    callers: dict[str, Caller]
    objects: dict[str, UUID]
    run: Run

    def caller(self, path: str, method: str) -> Caller:
        """Who may do this."""
        authored = ("/assets/", "/releases/", "/versions/")
        if method == "post" and "/recalls/" in path:
            return self.callers["approver"]
        if method == "post" and path.endswith("/holds/"):
            return self.callers["owner"]
        return self.callers["author" if method == "post" and path.endswith(authored) else "operator"]

    def pk(self, path: str) -> UUID | None:
        """The object that an address of this form is about."""
        return self.objects["logs" if "/logs/" in path else path.split("/")[3]] if "{id}" in path else None


@pytest.fixture
def one_transaction() -> Iterator[None]:
    """As with Django's own test client: a request leaves the connection open that the rows live in."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.fixture
def world(northwind: Company, serving: Serving, one_transaction: None) -> World:
    """Everything that an operation can be about, made through services."""
    release = released(northwind, complaint(northwind), environment=northwind.production)
    run = finish(begin(northwind, release, reference="CASE-1"))
    step = Step.objects.get(run=run, node="summarise")
    assert step.prompt_version is not None
    objects = {
        "runs": run.pk,
        "outputs": step.pk,
        "artifacts": RunInput.objects.get(run=run).artifact_id,
        "assets": step.prompt_version.asset_id,
        "versions": release.version_id,
        "releases": release.pk,
        "approvals": make_release(northwind).request_id,
        "tasks": task_of(_started(northwind, asking("edit"))).pk,
        "memory": _remembered(northwind),
        "webhooks": delivered(northwind).pk,
        "schedules": scheduled(northwind, release).pk,
        "recalls": collected(opened(northwind, SubjectKind.OUTPUT, step.pk)).pk,
        "logs": northwind.organisation.pk,
        "ledger": Event.objects.about("run", run.pk)[0].pk,
        "holds": held(northwind, run).pk,
        "erasures": some_announced(northwind).pk,
    }
    parts = ("author", "operator", "approver", "owner")
    callers = {part: by_token(northwind.person(part), northwind) for part in parts}
    return World(northwind, callers, objects, run)


def good_bodies(world: World) -> dict[str, tuple[Any, UUID | None]]:
    """For each write, a body that is accepted and the object that it is about."""
    company = world.company
    failed = begin(company, released(company, {**complaint(company)}))
    Run.objects.filter(pk=failed.pk).update(state="running")
    Run.objects.filter(pk=failed.pk).update(state="failed")
    first = make_approved(company)
    newer = make_version(company, "workflow", complaint(company), asset=first.workflow)
    return {
        "assets_create": ({"project": "complaints", "kind": "model", "slug": "contract"}, None),
        "versions_create": ({"content": PROMPT, "message": "Contract"}, None),
        "releases_submit": ({"version": str(make_workflow(company).pk), "environment": "staging"}, None),
        "releases_activate": ({"reason": "Contract"}, first.pk),
        "releases_roll_back": ({"reason": "Contract"}, _replaced(company, newer).pk),
        "runs_start": (
            {
                "workflow": f"complaints/{world.run.workflow.slug}",
                "environment": "production",
                "inputs": {"letter": LETTER},
            },
            None,
        ),
        "runs_resume": ({"reason": "Contract"}, failed.pk),
        "runs_cancel": ({"reason": "Contract"}, begin(company, world.run.release).pk),
        "runs_signal": ({"name": "paid", "payload": [1, None]}, _started(company, waiting()).pk),
        "tasks_decide": (
            {"decision": "edit", "reason": "Contract", "value": "Dear Ms Example,"},
            task_of(_started(company, asking("edit"))).pk,
        ),
        "memory_revert": ({"reason": "Contract"}, _remembered(company)),
        "holds_place": (a_hold(world.run), None),
        **acts_on_recalls(company, world.run),
        **acts_on_runs(world),
        **acts_on_schedules(world),
        **acts_on_webhooks(company),
    }


def acts_on_runs(world: World) -> dict[str, tuple[Any, UUID | None]]:
    """Of the acts of operators: a run in a state in which each is in order."""
    company, why = world.company, {"reason": "Contract"}
    paused = pause_run(begin(company, world.run.release), actor=company.operator, reason="Contract")
    return {
        "runs_pause": (why, begin(company, world.run.release).pk),
        "runs_continue": ({}, paused.pk),
        "runs_retry_now": ({}, put_off(company).pk),
        "runs_record_effect": ({**why, "output": {"paid": True}}, unsure(company).pk),
        "runs_repeat_step": (why, unsure(company).pk),
        "runs_retry_compensation": ({}, undoing(company, attempts=1, **FAILS).pk),
        "tasks_reveal": ({}, task_of(_started(company, asking("approve"))).pk),
        "reveals_create": ({"contents": [str(world.run.inputs.get().artifact_id)], **ASKED}, None),
        "runs_verify": ({}, world.run.pk),
        "runs_replay": (why, finish(begin(company, released(company, chain(1)))).pk),
        "runs_fork": ({**why, "position": 2}, world.run.pk),
    }


def acts_on_schedules(world: World) -> dict[str, tuple[Any, UUID | None]]:
    """Setting a schedule, and what is done to one that was set."""
    company, why = world.company, {"reason": "Contract"}
    terms = {"name": "Contract", "cron": "0 9 * * *", "inputs": {"letter": LETTER}}
    paused, release = scheduled(company, world.run.release, name="Paused"), world.run.release
    pause_schedule(paused, actor=company.operator, reason="Contract")
    place = {"workflow": f"complaints/{release.workflow.slug}", "environment": "production"}
    return {
        "schedules_create": ({**terms, **place}, None),
        "schedules_change": ({**terms, "edition": 1}, scheduled(company, release, name="Changed").pk),
        "schedules_pause": (why, scheduled(company, release, name="To pause").pk),
        "schedules_resume": ({}, paused.pk),
        "schedules_retire": (why, scheduled(company, release, name="To retire").pk),
    }


def named(path: str, pk: UUID) -> dict[str, str]:
    """The object in each place of the address that names one."""
    return {name: str(pk) for name in ("id", "other") if f"{{{name}}}" in path}


def evidence_bodies(world: World) -> dict[str, tuple[Any, UUID | None]]:
    """Asking for evidence, which there is none of before the log is signed: here it never is."""
    return {"evidence_make": ({"kind": "run", "id": str(world.run.pk), **ASKED}, None)}


def _started(company: Company, content: dict[str, Any]) -> Run:
    return finish(begin(company, released(company, content)))


def _remembered(company: Company) -> UUID:
    """The first of two versions of a value."""
    release = released(company, remembering())
    for _ in range(2):
        finish(begin(company, release, "Ada"))
    return Entry.objects.filter(key="Ada").earliest("number").pk


def _replaced(company: Company, newer: Any) -> Any:
    first = put_into_effect(company, newer)
    put_into_effect(company, make_version(company, "workflow", complaint(company), asset=first.workflow))
    return first


def checked(case: Case[Any], caller: Caller, *, more: dict[str, str] | None = None) -> Any:
    """The answer, once it is known to be what the schema says."""
    headers = {**caller.headers, **(more or {})}
    return case.call_and_validate(headers=headers, checks=[not_our_mistake, *HOLDS])


def good_query(world: World, path: str) -> dict[str, Any]:
    """The parameters without which it is not answered."""
    log = {"log": world.company.slug}
    needed: dict[str, dict[str, Any]] = {
        "search/": {"q": "charged twice"},
        "checkpoint/": log,
        "consistency/": {**log, "old": 1, "new": 2},
    }
    return next((query for end, query in needed.items() if path.endswith(end)), {})


def not_our_mistake(_context: Any, response: Any, _case: Case[Any]) -> None:
    """Nothing that anybody sends makes us fail."""
    assert response.status_code < 500, response.text


@pytest.mark.parametrize(("path", "method"), OPERATIONS, ids=lambda value: value)
def test_nothing_that_is_sent_makes_it_fail_or_answer_as_it_does_not_say(
    world: World, path: str, method: str
) -> None:
    operation, pk, caller = SCHEMA[path][method], world.pk(path), world.caller(path, method)
    allowed, refused = (operation.as_strategy(generation_mode=mode) for mode in GenerationMode)

    @BOUNDED
    @given(case=allowed | refused, known=st.booleans())
    def probe(case: Case[Any], *, known: bool) -> None:
        if pk is not None and known:
            case.path_parameters = {**(case.path_parameters or {}), **named(path, pk)}
        checked(case, caller)

    probe()


@pytest.mark.parametrize(("path", "method"), OPERATIONS, ids=lambda value: value)
def test_what_is_good_is_accepted_and_answered_as_the_schema_says(
    world: World, path: str, method: str
) -> None:
    operation = SCHEMA[path][method]
    body, pk = (None, None)
    if method == "post":
        body, pk = {**good_bodies(world), **evidence_bodies(world)}[operation.definition.raw["operationId"]]
    about = pk or world.pk(path)
    places = named(path, about) if about else {}
    if "{organisation}" in path:
        places["organisation"] = world.company.slug
    case = operation.Case(
        path_parameters=places,
        query=good_query(world, path),
        **({"body": body, "media_type": "application/json"} if body is not None else {}),
    )
    answer = checked(case, world.caller(path, method), more={"Idempotency-Key": str(uuid4())})
    refused = {403} if "/logs/" in path else {409} if path.startswith(SIGNED) else None  # no token owns a log
    assert answer.status_code in (refused or {200, 201})
