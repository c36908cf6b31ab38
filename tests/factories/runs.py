"""Workflows of the engine's tests and runs of them, made through services."""

import time
from typing import Any

from django.db import connection

import tests.durable.step_functions  # noqa: F401 - registers the functions that the workflows name
from governance.accounts.models import User
from governance.catalog.models import Version
from governance.releases.models import Environment, Release
from governance.releases.services import activate, submit_release
from runs.artifacts.store import json_content
from runs.durable.claim import Claim
from runs.durable.drive import drive
from runs.durable.outcomes import Outcome
from runs.durable.start import start_run
from runs.durable.told import Told
from runs.records.models import Run
from tests.factories.cast import Company
from tests.factories.things import approve, make_model, make_prompt, make_version, pin

LETTER = "Dear bank, you charged my card twice."
LONG_LETTER = "Dear bank, " + "please call me back about my card. " * 40  # too large for the fixture `store`
OUTWARD = frozenset({"witness@1"})


def released(company: Company, content: dict[str, Any], *, environment: Environment | None = None) -> Release:
    """A new workflow of this content, released, approved where needed, and in effect."""
    version = make_version(company, "workflow", content)
    return put_into_effect(company, version, environment=environment)


def put_into_effect(company: Company, version: Version, *, environment: Environment | None = None) -> Release:
    """Release, approve and activate a workflow version."""
    place = environment or company.development
    release = submit_release(version, actor=company.author, environment=place, notes="")
    if place.protected:
        approve(release, by=company.approver)
    activate(release, actor=company.operator, reason="Tried out.")
    return release


def chain(steps: int, *, function: str = "nothing@1", **settings: str) -> dict[str, Any]:
    """A workflow of function nodes `step_0`, `step_1` …, each reading the one before.

    What leaves a trace outside says so: such steps are committed one by one, the others together.
    """
    nodes: list[dict[str, Any]] = []
    for index in range(steps):
        source = "$letter" if index == 0 else f"step_{index - 1}.text"
        node: dict[str, Any] = {"kind": "function", "key": f"step_{index}", "function": function}
        node |= {"inputs": {"text": source}, "settings": dict(settings)}
        node |= {"effect": "idempotent"} if function in OUTWARD else {}
        nodes.append(node | ({"next": f"step_{index + 1}"} if index < steps - 1 else {}))
    return {
        "inputs": [{"name": "letter", "classification": "internal"}],
        "nodes": nodes,
        "start": "step_0",
        "output": f"step_{steps - 1}",
    }


def complaint(company: Company, **model: Any) -> dict[str, Any]:
    """Redact, classify by a schema, summarise, and route by the label."""
    prompt, pinned = make_prompt(company), make_model(company, **model)
    labels = ["card", "loan"]
    schema = {
        "type": "object",
        "properties": {"label": {"type": "string", "enum": labels}},
        "required": ["label"],
        "additionalProperties": False,
    }
    ask = {"kind": "llm", "prompt": pin(prompt), "model": pin(pinned), "inputs": {"letter": "redact.text"}}
    desk = {"kind": "function", "function": "assign_desk@1"}
    return {
        "inputs": [{"name": "letter", "classification": "internal", "max_bytes": 2000}],
        "nodes": [
            {
                "kind": "function",
                "key": "redact",
                "function": "redact_personal_data@1",
                "inputs": {"text": "$letter"},
                "classification": "internal",
                "next": "classify",
            },
            {**ask, "key": "classify", "output_schema": schema, "next": "summarise"},
            {**ask, "key": "summarise", "next": "route"},
            {
                "kind": "branch",
                "key": "route",
                "on": "classify.label",
                "cases": [{"equals": label, "next": f"{label}_desk"} for label in labels],
            },
            *({**desk, "key": f"{label}_desk", "settings": {"desk": label}} for label in labels),
        ],
        "start": "redact",
        "output": "summarise",
    }


def personal(content: dict[str, Any]) -> dict[str, Any]:
    """The same workflow for letters that are personal data, and so is what is made of them."""
    first, *others = content["inputs"]
    return {**content, "inputs": [{**first, "classification": "personal"}, *others]}


def begin(
    company: Company, release: Release, letter: str = LETTER, by: User | None = None, **more: Any
) -> Run:
    """A run of the release's workflow where it is in effect."""
    run, _ = start_run(
        release.workflow,
        actor=by or company.operator,
        environment=release.environment,
        inputs={"letter": letter},
        **more,
    )
    return run


def told(held: Claim, value: Any = "x") -> Told:
    """What a worker that holds the run would commit: the step at which it stands has succeeded."""
    output = json_content({"text": value}, max_bytes=1000, what="it")
    now = time.monotonic()
    return Told(
        node=held.cursor,
        position=held.position,
        attempt=held.attempt,
        outcome=Outcome(kind="function", output=output),
        began=now,
        ended=now,
        advances=True,
    )


def finish(run: Run) -> Run:
    """Drive the run in this process and read it again."""
    drive(run.pk, worker="test")
    return Run.objects.get(pk=run.pk)


def expire(run: Run) -> None:
    """Let the lease have ended a second ago."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE runs_run SET lease_until = clock_timestamp() - interval '1 second' WHERE id = %s",
            [run.pk],
        )
