"""What the steps of a run read from memory, and what they left there."""

from collections.abc import Sequence
from dataclasses import dataclass

from runs.lineage.models import Edge
from runs.lineage.trace import MEMORY
from runs.memory.models import Entry
from runs.memory.reading import entries_named
from runs.records.models import Run, Step


@dataclass(frozen=True)
class MemoryUse:
    """A step and a version that it read as `name`, or left."""

    step: Step
    entry: Entry
    name: str = ""


def uses_of(run: Run, steps: Sequence[Step]) -> list[MemoryUse]:
    """In the order of the steps, in three queries at most."""
    by_key = {step.pk: step for step in steps}
    edges = Edge.objects.filter(step__in=by_key, role=Edge.Role.INPUT, source__startswith=MEMORY)
    # Without a moment of memory there is nothing that any of its steps could have read.
    read = list(edges.order_by("id")) if run.memory_snapshot is not None else []
    named = entries_named(run, {edge.source for edge in read})
    found = [
        MemoryUse(by_key[edge.step_id], named[edge.source], edge.name)
        for edge in read
        if edge.source in named
    ]
    left = Entry.objects.filter(step__in=by_key)
    found += [MemoryUse(by_key[entry.step_id], entry) for entry in left if entry.step_id]
    return sorted(found, key=lambda use: (use.step.position, use.step.attempt, not use.name))
