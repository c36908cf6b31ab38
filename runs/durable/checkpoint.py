"""Committing one step: one statement, one round trip, fenced by the lease's epoch."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from psycopg.types.json import Jsonb

from governance.ledger.identity import uuid7
from governance.ledger.services import details_bytes
from runs.artifacts.store import Content, ready
from runs.durable.actors import engine
from runs.durable.claim import Claim
from runs.durable.outcomes import Outcome
from runs.durable.statements import CONNECTION_ERRORS, Statement, rows
from runs.lineage.models import Edge
from runs.records.models import Step

PATIENCE_SECONDS = (0.2, 0.5, 1.0, 2.0, 4.0)


@dataclass(frozen=True)
class Move:
    """Where the run goes with this step: its state, the next node ("" at the end), at the end its output."""

    state: str
    next: str
    run_output: UUID | None = None


def checkpoint(held: Claim, node: str, outcome: Outcome, move: Move, *, seconds: float) -> bool:
    """Commit the step and the run's move. False when the lease was lost: the result is thrown away.

    When the connection breaks, nobody knows whether the commit happened: the rows are asked, and the step
    is not run again.
    """
    step = uuid7()
    values = {**_run_values(held, node, outcome, move), **_step_values(step, held, node, outcome, seconds)}
    values.update(_artifact_values(held, outcome))
    values.update(_edge_values(held, outcome))
    for patience in (*PATIENCE_SECONDS, None):
        try:
            # A question of its own: the statement does not see what was committed while it waited.
            return bool(rows(Statement.CHECKPOINT, values)) or Step.objects.filter(pk=step).exists()
        except CONNECTION_ERRORS:
            if patience is None or connection.in_atomic_block:
                raise
            connection.close()
            time.sleep(patience)
    return False


def _run_values(held: Claim, node: str, outcome: Outcome, move: Move) -> dict[str, Any]:
    actor = engine()
    return {
        "run": held.run,
        "epoch": held.epoch,
        "node": node,
        "state": str(move.state),
        "next": node if outcome.failure else move.next,
        "advance": 0 if outcome.failure else 1,
        "error": Jsonb(outcome.failure.stored()) if outcome.failure else None,
        "run_output": move.run_output,
        "priced": outcome.priced,
        "lease": float(settings.LEASE_SECONDS),
        "actor": actor.pk,
        "actor_name": actor.name,
        "run_details": details_bytes(_run_details(node, outcome, move)),
    }


def _run_details(node: str, outcome: Outcome, move: Move) -> dict[str, Any]:
    if outcome.failure:
        return {"code": outcome.failure.code, "title": outcome.failure.title, "node": node}
    return {"output": str(move.run_output or ""), "node": node}


def _step_values(step: UUID, held: Claim, node: str, outcome: Outcome, seconds: float) -> dict[str, Any]:
    return {
        "step": step,
        "kind": outcome.kind,
        "position": held.position,
        "attempt": held.attempt,
        "step_state": (Step.State.FAILED if outcome.failure else Step.State.SUCCEEDED).value,
        "function": outcome.function,
        "prompt_version": outcome.prompt_version,
        "model_version": outcome.model_version,
        "output": outcome.output.identifier(held.organisation) if outcome.output else None,
        "classification": outcome.classification,
        "chosen": outcome.chosen,
        "facts": Jsonb(dict(outcome.facts)),
        "tokens_in": outcome.tokens_in,
        "tokens_out": outcome.tokens_out,
        "cost": outcome.cost,
        "seconds": seconds,
        "step_details": details_bytes(_step_details(held, node, outcome)),
    }


def _step_details(held: Claim, node: str, outcome: Outcome) -> dict[str, Any]:
    details: dict[str, Any] = {
        "node": node,
        "kind": outcome.kind,
        "position": held.position,
        "attempt": held.attempt,
        "epoch": held.epoch,
        "inputs": [f"{found.name}={found.artifact}" for found in outcome.inputs[:100]],
        **outcome.labels,
    }
    if outcome.output is not None:
        details["output_sha256"] = outcome.output.sha256
    if outcome.failure:
        details["code"] = outcome.failure.code
    return details


def _artifact_values(held: Claim, outcome: Outcome) -> dict[str, Any]:
    made = ready((content for _, content in _made(outcome)), organisation=held.organisation)
    searched = [found for found in made if found.vector is not None]
    return {
        "artifact_ids": [found.identifier for found in made],
        "digests": [found.content.sha256 for found in made],
        "media_types": [found.content.media_type for found in made],
        "bodies": [found.content.body for found in made],
        "text_ids": [found.identifier for found in searched],
        "vectors": [found.vector for found in searched],
    }


def _edge_values(held: Claim, outcome: Outcome) -> dict[str, Any]:
    edges = [(Edge.Role.INPUT, found.name, found.source, found.artifact) for found in outcome.inputs]
    edges += [(role, "", "", found.identifier(held.organisation)) for role, found in _made(outcome)]
    return {
        "edge_ids": [uuid7() for _ in edges],
        "roles": [role.value for role, *_ in edges],
        "names": [name for _, name, _, _ in edges],
        "sources": [source for _, _, source, _ in edges],
        "edge_artifacts": [artifact for *_, artifact in edges],
    }


def _made(outcome: Outcome) -> Iterator[tuple[Edge.Role, Content]]:
    for role, content in (
        (Edge.Role.PROMPT, outcome.prompt),
        (Edge.Role.ANSWER, outcome.refused),
        (Edge.Role.OUTPUT, outcome.output),
    ):
        if content is not None:
            yield role, content
