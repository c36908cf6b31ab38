"""A run that failed on its way, and was resumed: the model's provider was closed to production for a while.

Told by what people do: the owner closes the provider, a run that a person sends on fails there, the owner
opens it again, and the operator resumes the run. An interrupted telling goes on where it was.
"""

from typing import Any, Final

from governance.access.permissions import Role
from governance.catalog.models import Asset
from governance.releases.models import Environment, Opening
from governance.releases.openings import opening_of, set_opening
from portal.demo.cast import Cast
from portal.demo.catalogue import MODEL_SLUG
from portal.demo.letters import all_letters
from portal.demo.play import settled
from portal.demo.releasing import asset, put_into_effect, released, version
from runs.durable.decide import decide
from runs.durable.resume import resume_run
from runs.durable.start import Document, start_run
from runs.people.models import Task
from runs.records.models import Run

SLUG: Final = "complaint-brief"
PURPOSE: Final = "What the desk is told of a letter before somebody rings the customer or writes"
KEY: Final = "brief-1"
PROVIDER: Final = "default"
IN_WRITING: Final = "In writing"
CLOSED: Final = "The model's machine is looked over; nothing is to reach it meanwhile."
OPENED: Final = "It was looked over and is open again."
RESUMED: Final = "The provider was closed to production while it was looked over; it is open again."


def content() -> dict[str, Any]:
    """Redact, ask a person how the customer is answered, then have the letter put in short."""
    redact = {"kind": "function", "function": "redact_personal_data@1", "inputs": {"text": "$letter"}}
    choose = {
        "kind": "human_task",
        "task": "choose",
        "title": "How is this customer answered?",
        "choices": ["By telephone", IN_WRITING],
        "inputs": {"letter": "$letter"},
        "team": "complaints-desk",
    }
    asked = {"prompt": "complaint-summary@1", "model": f"{MODEL_SLUG}@1", "max_tokens": 70}
    brief = {"kind": "llm", **asked, "inputs": {"letter": "redact.text"}}
    return {
        "inputs": [{"name": "letter", "classification": "personal", "max_bytes": 20_000}],
        "start": "redact",
        "output": "brief",
        "nodes": [
            {"key": "redact", **redact, "next": "choose"},
            {"key": "choose", **choose, "next": "brief"},
            {"key": "brief", **brief},
        ],
    }


def tell(cast: Cast) -> None:
    """As far as it has not been told."""
    run = settled(_begun(cast).pk)
    if run.waits_for == Run.WaitsFor.PERSON:
        _close(cast)
        task = Task.objects.undecided().get(run=run)
        reason = "She asks for the form by post."
        decide(task, actor=cast.people[Role.OPERATOR], decision=IN_WRITING, reason=reason)
        run = settled(run.pk)
    if run.state == Run.State.FAILED:
        over(cast)
        resume_run(run, actor=cast.people[Role.OPERATOR], reason=RESUMED)
        settled(run.pk)


def over(cast: Cast) -> None:
    """The provider is open to production, also where a telling was interrupted while this had closed it."""
    if _closed(cast):
        _set(cast, list(cast.environments.values()), OPENED)


def _close(cast: Cast) -> None:
    if not _closed(cast):
        _set(cast, [place for slug, place in cast.environments.items() if slug != "production"], CLOSED)


def _closed(cast: Cast) -> bool:
    """By this telling: whatever else somebody set stays."""
    opening = opening_of(cast.organisation.pk, Opening.Kind.PROVIDER, PROVIDER)
    return opening is not None and opening.reason == CLOSED


def _set(cast: Cast, environments: list[Environment], reason: str) -> None:
    set_opening(
        cast.organisation,
        actor=cast.owner,
        kind=Opening.Kind.PROVIDER,
        name=PROVIDER,
        environments=environments,
        reason=reason,
    )


def _begun(cast: Cast) -> Run:
    workflow = _released(cast)
    if found := Run.objects.filter(workflow=workflow, idempotency_key=KEY).first():
        return found
    letter = all_letters()[0]
    run, _ = start_run(
        workflow,
        actor=cast.people[Role.OPERATOR],
        environment=cast.environments["production"],
        inputs={"letter": Document(letter.filename, letter.body)},
        reference=letter.reference,
        idempotency_key=KEY,
        origin=Run.Origin.COMMAND,
    )
    return run


def _released(cast: Cast) -> Asset:
    workflow = asset(cast, Asset.Kind.WORKFLOW, SLUG, PURPOSE)
    one = version(cast, workflow, 1, content(), "First version")
    notes = "A person says how the customer is answered before anything is put in short"
    release = released(cast, one, notes, "Nothing is sent by it; it is read by the desk alone.")
    put_into_effect(cast, release, reason="The desk asked for it.")
    return workflow
