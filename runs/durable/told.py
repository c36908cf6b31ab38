"""Executed steps as the values that the checkpoint's statement takes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson

from governance.ledger.canonical import canonical
from governance.ledger.identity import uuid7
from runs.artifacts.store import Content, Ready, ready
from runs.durable.claim import Claim
from runs.durable.outcomes import Outcome
from runs.lineage.models import Edge
from runs.records.models import Step


@dataclass(frozen=True)
class Told:
    """One attempt that has ended, to be committed.

    Times are of this process's own clock (`time.monotonic`). A step `advances` the run when it leaves the
    node behind: when it succeeded, or failed for good while others go on.
    """

    node: str
    position: int
    attempt: int
    outcome: Outcome
    began: float
    ended: float
    advances: bool
    item: int | None = None
    compensates: int | None = None
    id: UUID = field(default_factory=uuid7)


# What was executed of a run.
Executed = tuple[Claim, Sequence[Told]]


def step_values(executed: Sequence[Executed], *, now: float) -> dict[str, str]:
    """The steps and their edges as two JSON lists."""
    steps = [_step(held, step, now) for held, told in executed for step in told]
    edges = [edge for held, told in executed for step in told for edge in _edges(held, step)]
    return {"steps": _json(steps), "edges": _json(edges)}


def artifact_values(executed: Sequence[Executed]) -> dict[str, Any]:
    """Every content that the runs' steps made, once for each run, with its words."""
    made = [(held.run, found) for held, told in executed for found in _contents(held, told)]
    searched = [(run, found) for run, found in made if found.vector is not None]
    return {
        "made_by": [run for run, _ in made],
        "artifact_ids": [found.identifier for _, found in made],
        "digests": [found.content.sha256 for _, found in made],
        "media_types": [found.content.media_type for _, found in made],
        "bodies": [found.content.body for _, found in made],
        "said_by": [run for run, _ in searched],
        "text_ids": [found.identifier for _, found in searched],
        "vectors": [found.vector for _, found in searched],
    }


def _contents(held: Claim, told: Sequence[Told]) -> list[Ready]:
    contents = (content for step in told for _, content in _made(step.outcome))
    return ready(contents, organisation=held.organisation)


def _step(held: Claim, step: Told, now: float) -> dict[str, Any]:
    outcome = step.outcome
    return {
        "run": held.run,
        "id": step.id,
        "node": step.node,
        "kind": outcome.kind,
        "position": step.position,
        "attempt": step.attempt,
        "item": step.item,
        "compensates": step.compensates,
        "state": (Step.State.FAILED if outcome.failure else Step.State.SUCCEEDED).value,
        "function": outcome.function,
        "prompt_version": outcome.prompt_version,
        "model_version": outcome.model_version,
        "output": outcome.output.identifier(held.organisation) if outcome.output else None,
        "classification": outcome.classification,
        "chosen": outcome.chosen,
        "facts": dict(outcome.facts),
        "error": outcome.failure.stored() if outcome.failure else None,
        "tokens_in": outcome.tokens_in,
        "tokens_out": outcome.tokens_out,
        "cost": None if outcome.cost is None else str(outcome.cost),
        "seconds": step.ended - step.began,
        "ago": now - step.ended,
        "details": canonical(_details(held, step)).decode(),
    }


def _details(held: Claim, step: Told) -> dict[str, Any]:
    outcome = step.outcome
    details: dict[str, Any] = {
        "node": step.node,
        "kind": outcome.kind,
        "position": step.position,
        "attempt": step.attempt,
        "epoch": held.epoch,
        "inputs": [f"{found.name}={found.artifact}" for found in outcome.inputs[:100]],
        **outcome.labels,
    }
    if step.item is not None:
        details["item"] = step.item
    if step.compensates is not None:
        details["compensates"] = step.compensates
    if outcome.output is not None:
        details["output_sha256"] = outcome.output.sha256
    if outcome.failure:
        details["code"] = outcome.failure.code
    return details


def _edges(held: Claim, step: Told) -> Iterator[dict[str, Any]]:
    for found in step.outcome.inputs:
        if found.artifact is None:
            continue
        yield _edge(held, step, Edge.Role.INPUT, found.artifact, found.name, found.source)
    for role, content in _made(step.outcome):
        yield _edge(held, step, role, content.identifier(held.organisation))


def _edge(
    held: Claim, step: Told, role: Edge.Role, artifact: UUID, name: str = "", source: str = ""
) -> dict[str, Any]:
    return {
        "run": held.run,
        "id": uuid7(),
        "step": step.id,
        "role": role.value,
        "name": name,
        "source": source,
        "artifact": artifact,
    }


def _made(outcome: Outcome) -> Iterator[tuple[Edge.Role, Content]]:
    for prompt in outcome.prompts:
        yield Edge.Role.PROMPT, prompt
    for refused in outcome.refused:
        yield Edge.Role.ANSWER, refused
    if outcome.output is not None:
        yield Edge.Role.OUTPUT, outcome.output


def _json(values: list[dict[str, Any]]) -> str:
    return orjson.dumps(values).decode()
