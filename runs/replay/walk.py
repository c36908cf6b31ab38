"""What a run's definition says of each of its recorded steps, found without calling any of them. Reads only.

The next node is a pure function of the definition and what was recorded, so a walk over the records must come
past the same nodes, inputs and digests.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID

from governance.ledger.canonical import canonical, sha256_hex
from runs.artifacts.models import Artifact
from runs.artifacts.opening import ArtifactDamaged, bytes_of
from runs.artifacts.store import value_of
from runs.durable.claim import Claim
from runs.durable.executing import executed
from runs.durable.executors.llm import rendered
from runs.durable.inputs import Recorded
from runs.durable.machine import next_node
from runs.durable.outcomes import Wait
from runs.durable.plans import Plan
from runs.durable.visiting import visit_of
from runs.durable.visits import Visit
from runs.lineage.models import Edge
from runs.records.models import Run, Step

# These follow from what was recorded alone, so they are computed anew.
COMPUTED = frozenset({"branch", "transform", "map", "subrun"})
# What came from outside while the run waited is no function of what was recorded before.
BROUGHT = ("signal:", "task:")


@dataclass(frozen=True)
class Difference:
    """Where the records and the definition part: of which run's step, in what, and what each says."""

    run: UUID
    node: str
    position: int
    what: str
    expected: str
    found: str


@dataclass
class Walk:
    """A walk over one run's records. `recorded` grows as the run's own values did."""

    run: Run
    held: Claim
    plan: Plan
    recorded: dict[str, Recorded]
    steps: list[Step]
    edges: dict[UUID, list[Edge]]
    checked: int = 0
    cursor: str | None = field(default=None)

    def differences(self) -> Iterator[Difference]:
        """Every difference, step by step; none when the records are what the definition yields."""
        self.cursor = self.plan.workflow.start if self.run.first_item is None else _only(self.steps)
        for step in (each for each in self.steps if each.compensates is None):
            self.checked += 1
            yield from self._gone_over(step)
        yield from self._end()

    def _gone_over(self, step: Step) -> Iterator[Difference]:
        """One step, whatever was done to its row: what cannot be gone over is a difference."""
        if step.node not in self.plan.workflow.by_key:
            yield self._differs(step, "node", self.cursor or "the end", step.node)
            return
        try:
            yield from self._of_step(step)
        except ArtifactDamaged:
            return  # which `altered` tells, whatever of the step it is
        except (LookupError, ValueError) as problem:
            yield self._differs(step, "record", "what follows from the workflow", f"{problem}")

    def _of_step(self, step: Step) -> Iterator[Difference]:
        if step.node != self.cursor:
            yield self._differs(step, "node", self.cursor or "the end", step.node)
            self.cursor = step.node
        visit = visit_of(
            self.held,
            self.plan,
            self.recorded,
            cursor=step.node,
            position=step.position,
            attempt=step.attempt,
        )
        if visit.missing is None:
            yield from self._inputs(step, visit)
            yield from self._prompt(step, visit)
        if step.output is None:
            return
        yield from self._output(step, visit)
        self._remember(step)
        if self.run.first_item is None:
            self.cursor = next_node(self.plan.workflow, step.node, step.chosen)

    def _inputs(self, step: Step, visit: Visit) -> Iterator[Difference]:
        read = (found for found in visit.inputs if found.artifact is not None)
        expected = {(found.name, found.source, str(found.artifact)) for found in read}
        found = {
            (edge.name, edge.source, str(edge.artifact_id))
            for edge in self.edges.get(step.pk, [])
            if edge.role == Edge.Role.INPUT and not edge.source.startswith(BROUGHT)
        }
        if expected != found:
            yield self._differs(step, "inputs", _listed(expected - found), _listed(found - expected))

    def _prompt(self, step: Step, visit: Visit) -> Iterator[Difference]:
        sent = [edge.artifact.sha256 for edge in self.edges.get(step.pk, []) if edge.role == Edge.Role.PROMPT]
        if not sent:
            return
        expected = sha256_hex(canonical(rendered(visit)))
        if expected != sent[0]:
            yield self._differs(step, "rendered prompt", expected, sent[0])

    def _output(self, step: Step, visit: Visit) -> Iterator[Difference]:
        if step.output is None or visit.missing is not None:
            return
        if step.kind in COMPUTED:
            outcome = executed(visit)
            if isinstance(outcome, Wait):
                return  # the parts are those of the run that a fork was copied from
            made = outcome.output.sha256 if outcome.output else "a failure"
            if made != step.output.sha256:
                yield self._differs(step, "output", made, step.output.sha256)
            elif outcome.chosen != step.chosen:
                yield self._differs(step, "way", outcome.chosen, step.chosen)

    def _remember(self, step: Step) -> None:
        if step.output is None or step.item is not None:
            return
        # Fetched anew and let go again: the contents of a long run are never here at once.
        content = Artifact.objects.get(pk=step.output.pk)
        value = value_of(bytes_of(content), content.media_type)
        self.recorded[step.node] = Recorded(step.output.pk, value, step.classification)

    def _end(self) -> Iterator[Difference]:
        if self.run.state != Run.State.SUCCEEDED or self.run.first_item is not None:
            return
        last = self.steps[-1]
        if self.cursor is not None:
            yield self._differs(last, "end", f"goes on at {self.cursor}", "succeeded")
            return
        output = self.recorded.get(self.plan.workflow.output)
        if output is None or output.artifact != self.run.output_id:
            expected = str(output.artifact) if output else "none"
            yield self._differs(last, "output of the run", expected, str(self.run.output_id))

    def _differs(self, step: Step, what: str, expected: str, found: str) -> Difference:
        return Difference(self.run.pk, step.node, step.position, what, expected, found)


def _only(steps: list[Step]) -> str:
    return steps[0].node if steps else ""


def _listed(edges: set[tuple[str, str, str]]) -> str:
    return (
        ", ".join(f"{name} from {source} ({artifact})" for name, source, artifact in sorted(edges)) or "none"
    )
