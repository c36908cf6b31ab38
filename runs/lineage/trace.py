"""From one output back to everything that it was made from, within its run."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from django.db.models import Q

from governance.catalog.content import parsed
from governance.catalog.models import Asset, Version
from governance.catalog.workflows import MapNode, WorkflowContent
from runs.lineage.models import Edge
from runs.records.models import RunInput, Step
from runs.records.querysets import StepQuerySet

SIGNAL = "signal:"
MEMORY = "memory:"
ITEM = "@item"


@dataclass(frozen=True)
class Link:
    """Content, or a branch's choice, went from one place to another.

    Both ends are keys: `$name` for what the run was started with, `signal:name` for what it was told,
    `memory:namespace/key@number` for what runs before it had left, a step's identifier for what a step made.
    """

    source: str
    target: str
    name: str = ""
    edge: Edge | None = None

    @property
    def is_choice(self) -> bool:
        """The source is a branch that chose the target; no content went along."""
        return self.edge is None


@dataclass(frozen=True)
class Trace:
    """An output and what stands behind it. `links` are those between its ancestors and itself.

    An item of a map reads what the whole recorded: its steps stand in `above`, `given` is what it was given.
    """

    step: Step
    steps: tuple[Step, ...]
    given: tuple[RunInput, ...]
    links: tuple[Link, ...]
    edges: tuple[Edge, ...]
    above: tuple[Step, ...] = ()

    @cached_property
    def _ancestors(self) -> frozenset[str]:
        return frozenset(link.source for link in self.links)

    @property
    def upstream(self) -> list[Step]:
        """The steps before this one whose output or choice it goes back to, in their order."""
        return [step for step in (*self.above, *self.steps) if str(step.pk) in self._ancestors]

    @property
    def inputs(self) -> list[RunInput]:
        """What the run was started with, as far as this output goes back to it."""
        return [given for given in self.given if f"${given.name}" in self._ancestors]

    @property
    def reads(self) -> list[Link]:
        """What the step itself read, by parameter."""
        return [link for link in self.links if link.target == str(self.step.pk) and not link.is_choice]

    @property
    def prompt(self) -> Edge | None:
        """The rendered prompt that the step sent: the last one, which repeats what was refused before."""
        return self._last(Edge.Role.PROMPT)

    @property
    def answer(self) -> Edge | None:
        """The model's answer that the step refused, the last one."""
        return self._last(Edge.Role.ANSWER)

    def _last(self, role: Edge.Role) -> Edge | None:
        return next((edge for edge in reversed(self.edges) if edge.role == role), None)


def trace_output(step: Step) -> Trace:
    """Everything that the step's output was made from, in five queries at most, whatever its length."""
    run = step.run
    whole = run.parent_id if run.first_item is not None else None
    steps, above = _steps(run.pk), _steps(whole) if whole else ()
    given = RunInput.objects.filter(run=whole or run.pk).select_related("artifact").defer("artifact__inline")
    within = Q(step=step.pk) | Q(step__run=whole) if whole else Q(step__run=run.pk)
    edges = list(
        Edge.objects.filter(within).select_related("artifact").defer("artifact__inline").order_by("id")
    )
    reading = above or steps
    item = _over(step) if whole else ""
    links = _behind(str(step.pk), [*_content_links(reading, edges, item), *_choices(reading)])
    own = tuple(edge for edge in edges if edge.step_id == step.pk)
    return Trace(step, steps, tuple(given), tuple(links), own, above)


def _steps(run: UUID) -> tuple[Step, ...]:
    return tuple(Step.objects.filter(run=run).with_names().order_by("position", "attempt"))


def _over(step: Step) -> str:
    """The reference of the list that the step's item is of."""
    content = parsed(step.run.version)
    node = content.node(step.node) if isinstance(content, WorkflowContent) else None
    return node.over if isinstance(node, MapNode) else ""


def outputs_of_version(version: Version) -> StepQuerySet:
    """The steps with an output in which this version had a part. Scope it to a person with `visible_to`."""
    found = Step.objects.filter(output__isnull=False)
    if version.asset.kind == Asset.Kind.PROMPT:
        return found.filter(prompt_version=version)
    if version.asset.kind == Asset.Kind.MODEL:
        return found.filter(model_version=version)
    return found.filter(run__version=version)


def _content_links(steps: Iterable[Step], edges: Iterable[Edge], item: str) -> Iterable[Link]:
    """Each input edge with the place that its reference names; `item` names that of `@item`."""
    made = {step.node: str(step.pk) for step in steps if step.state == Step.State.SUCCEEDED}
    for edge in edges:
        if edge.role == Edge.Role.INPUT:
            source = _place(item if edge.source.startswith(ITEM) else edge.source, made)
            if source:
                yield Link(source=source, target=str(edge.step_id), name=edge.name, edge=edge)


def _place(reference: str, made: Mapping[str, str]) -> str:
    """The key of what a reference names, whatever part of it was read; empty for what is not the run's."""
    if reference.startswith((SIGNAL, MEMORY)):
        return reference
    root = reference.partition(".")[0]
    return root if root.startswith("$") else made.get(root, "")


def _choices(steps: Iterable[Step]) -> Iterable[Link]:
    """From each branch to the steps that ran because it chose them."""
    steps = list(steps)
    for branch in steps:
        if branch.chosen:
            for step in steps:
                if step.node == branch.chosen and step.position > branch.position:
                    yield Link(source=str(branch.pk), target=str(step.pk), name=branch.chosen)


def _behind(key: str, links: list[Link]) -> list[Link]:
    """The links from which `key` can be reached, each once, in the order given."""
    wanted, waiting = {key}, [key]
    while waiting:
        target = waiting.pop()
        for link in links:
            if link.target == target and link.source not in wanted:
                wanted.add(link.source)
                waiting.append(link.source)
    return [link for link in links if link.target in wanted]
