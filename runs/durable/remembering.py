"""What steps read from memory, and what they leave there.

A run reads memory as it was when its first worker took it up: it sees neither what others write meanwhile nor
what it writes itself, so its steps can be gone over again exactly. It reads what runs of its environment left
there; a replay or an experiment reads what its source did, and leaves nothing.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from governance.catalog.calls import Call, SubrunCall
from governance.catalog.nodes import calls_of
from governance.catalog.parts import Remember, is_reference
from governance.errors import Invalid
from governance.ledger.services import Actor
from runs.artifacts.opening import bytes_of
from runs.artifacts.store import TEXT, Content, as_text, checked, json_content, keep, ready, value_of
from runs.durable.actors import engine
from runs.durable.claim import Claim
from runs.durable.failures import StepFailed
from runs.durable.inputs import Recorded, Resolved, resolve
from runs.durable.outcomes import Outcome
from runs.durable.plans import Plan
from runs.durable.statements import Statement, rows
from runs.durable.visits import Visit, classification_of
from runs.memory.models import Entry
from runs.memory.place import Place
from runs.memory.writing import write_step
from runs.records.models import Step

LONGEST_KEY = 200
LARGEST_VALUE = 1_000_000


def pinned(held: Claim, plan: Plan) -> Claim:
    """The run with its snapshot of memory, if anything in it reads memory."""
    if held.memory_snapshot is not None or not _reads_memory(plan):
        return held
    found = rows(Statement.PIN_MEMORY, {"run": held.run, "epoch": held.epoch})
    # Without a row the run was lost, which its checkpoint will find out.
    return replace(held, memory_snapshot=found[0].memory_snapshot) if found else held


def recalled(held: Claim, plan: Plan, call: Call, recorded: Mapping[str, Recorded]) -> list[Resolved]:
    """What the call reads from memory; nothing remembered is the empty text, which came from nowhere.

    Raises `StepFailed` for a key that is none, `ArtifactDamaged` for an altered value.
    """
    found: list[Resolved] = []
    for name, recall in sorted((call.recall or {}).items()):
        key = _key(recall.key, recorded, plan)
        entry = (
            Entry.objects.of(_place(held, recall.namespace, key))
            .as_of(held.memory_snapshot or 0)
            .select_related("artifact")
            .first()
        )
        source = f"memory:{entry or f'{recall.namespace}/{key}'}"
        if entry is None:
            found.append(Resolved(name, source, None, "", "public"))
        else:
            value = value_of(bytes_of(entry.artifact), entry.artifact.media_type)
            found.append(Resolved(name, source, entry.artifact_id, value, entry.classification))
    return found


def remembered(visit: Visit, outcome: Outcome) -> Outcome:
    """The outcome, which in its commit leaves in memory what the call says; a failure where it cannot be."""
    try:
        return kept(visit, outcome, by=engine())
    except (StepFailed, Invalid) as problem:
        failure = StepFailed(
            "memory_refused", "What the step leaves in memory cannot be kept", str(problem), final=True
        ).at(visit.name)
        refused = [*outcome.refused, *([outcome.output] if outcome.output else [])]
        return replace(outcome, output=None, refused=refused, failure=failure, final=True)


def kept(visit: Visit, outcome: Outcome, *, by: Actor) -> Outcome:
    """The outcome, which in its commit leaves in memory what the call says, as theirs whose record it is.

    Raises `StepFailed` for a key that is none, `Invalid` for an output without a value that can be kept.
    """
    remember = visit.call.remember if visit.call else None
    if remember is None or outcome.output is None:
        return outcome
    key, content = _written(visit, remember, outcome.output)
    if visit.held.recalls_from is not None:
        return outcome  # what is run for a comparison leaves nothing to the runs after it
    return outcome.along(lambda step: _write(visit, step, key, content, by))


def _place(held: Claim, namespace: str, key: str) -> Place:
    environment = held.recalls_from or held.environment
    return Place(held.organisation, held.project, environment, namespace, key)


def _reads_memory(plan: Plan) -> bool:
    calls = (call for node in plan.workflow.nodes for call in calls_of(node))
    return any(call.recall or isinstance(call, SubrunCall) for call in calls)


def _key(key: str, recorded: Mapping[str, Recorded], plan: Plan) -> str:
    if not is_reference(key, plan.workflow.by_key):
        return key
    found = as_text(resolve({"key": key}, recorded)[0].value).strip()
    if not found.isprintable() or not 0 < len(found) <= LONGEST_KEY:
        raise StepFailed(
            "memory_key_refused",
            "The key in memory is none",
            f"“{key}” leads to {len(found):,} characters; a key is one line of 1 to {LONGEST_KEY}.",
            final=True,
        )
    return found


def _written(visit: Visit, remember: Remember, output: Content) -> tuple[str, Content]:
    value: Any = value_of(output.body, output.media_type)
    own = Recorded(output.identifier(visit.held.organisation), value, classification_of(visit))
    known = visit.recorded if visit.item is not None else {**visit.recorded, visit.name: own}
    key = _key(remember.key, known, visit.plan)
    if not remember.path:
        return key, output
    for part in remember.path.split("."):
        if not isinstance(value, dict) or part not in value:
            raise Invalid(f"The output holds no “{remember.path}”.")
        value = value[part]
    if isinstance(value, str):
        return key, checked(value, media_type=TEXT, max_bytes=LARGEST_VALUE, what="What is remembered")
    return key, json_content(value, max_bytes=LARGEST_VALUE, what="What is remembered")


def _write(visit: Visit, step: UUID, key: str, content: Content, by: Actor) -> None:
    """In the transaction that commits the step."""
    held, remember = visit.held, visit.call.remember if visit.call else None
    if remember is None:
        return
    keep(ready([content], organisation=held.organisation), organisation=held.organisation)
    written = Step.objects.get(pk=step)
    write_step(
        _place(held, remember.namespace, key),
        actor=by,
        step=written,
        artifact=content.identifier(held.organisation),
        classification=written.classification,
    )
