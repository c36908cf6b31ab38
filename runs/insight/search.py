"""Finding records by what somebody has at hand: a text, a digest, an identifier, a reference, a version.

Every look-up is scoped to what the person may see before anything is counted or compared.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Final, TypeVar
from uuid import UUID

from django.db.models import Q

from governance.accounts.models import User
from governance.catalog.models import Version
from runs.insight import found_by_name, found_by_text
from runs.insight.found_by_digest import of_digest
from runs.insight.hits import Given, Made, Named
from runs.insight.patience import TooGeneral
from runs.insight.queries import Query, understood
from runs.records.models import Run, Step

MOST: Final = 20
Hit = TypeVar("Hit")


@dataclass
class Results:
    """What was found, by kind, each at most `MOST`; `more` names the kinds of which there are others."""

    query: Query
    outputs: list[Made] = field(default_factory=list)
    inputs: list[Given] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    versions: list[Named] = field(default_factory=list)
    more: set[str] = field(default_factory=set)
    too_general: bool = False

    @property
    def count(self) -> int:
        """How many hits are shown."""
        return len(self.outputs) + len(self.inputs) + len(self.runs) + len(self.versions)

    @property
    def only_in_inputs(self) -> bool:
        """Whether the words were handed in, and no output was found that holds them."""
        return not self.outputs and any(given.passage for given in self.inputs)

    @property
    def only_output(self) -> Step | None:
        """The output, when the search leads to exactly one: itself, or the result of the only run found.

        Words that stand in an input lead to no output by themselves: it may hold none of them.
        """
        if self.count != 1 or self.more:
            return None
        if self.outputs:
            return self.outputs[0].step
        found = self.runs or [given.run for given in self.inputs if given.passage is None]
        return results_of(found).get(found[0].pk) if found else None


def search(raw: str, *, actor: User) -> Results:
    """Everything that the person may see and that fits; when no whole name or number does, pieces of them."""
    query = understood(raw)
    results = Results(query)
    if not query.text:
        return results
    (_by_digest if query.digest else _by_name)(results, actor)
    if not results.count:
        _by_text(results, actor)
        results.runs = _cut(results, "runs", found_by_name.runs_by_part(query, actor=actor, most=MOST + 1))
    return results


def result_of(run: Run) -> Step | None:
    """The step whose output is the run's, once it has one."""
    return results_of([run]).get(run.pk)


def results_of(runs: Iterable[Run]) -> dict[UUID, Step]:
    """For each run that has an output, the step that made it; in two queries."""
    finished = [run for run in runs if run.output_id is not None]
    nodes = output_nodes({run.version_id for run in finished})
    wanted = Q(pk__in=[])
    for run in finished:
        wanted |= Q(run=run.pk, node=nodes[run.version_id], state=Step.State.SUCCEEDED)
    return {step.run_id: step for step in Step.objects.filter(wanted).order_by("position")}


def output_nodes(workflows: Collection[UUID]) -> dict[UUID, str]:
    """Of each of these workflow versions, the node whose output is the run's; each content is read once."""
    return {pk: found.document["output"] for pk, found in Version.objects.in_bulk(workflows).items()}


def _by_digest(results: Results, actor: User) -> None:
    found = of_digest(results.query, actor=actor, most=MOST + 1)
    results.runs = _cut(results, "runs", found.runs)
    results.outputs = _cut(results, "outputs", found.outputs)
    results.inputs = _cut(results, "inputs", found.inputs)
    results.versions = _cut(results, "versions", found.versions)


def _by_name(results: Results, actor: User) -> None:
    query, most = results.query, MOST + 1
    results.runs = _cut(results, "runs", found_by_name.runs(query, actor=actor, most=most))
    results.outputs = _cut(results, "outputs", found_by_name.outputs(query, actor=actor, most=most))
    results.inputs = _cut(results, "inputs", found_by_name.inputs(query, actor=actor, most=most))
    results.versions = _cut(results, "versions", found_by_name.versions(query, actor=actor, most=most))


def _by_text(results: Results, actor: User) -> None:
    try:
        made, given = found_by_text.found(results.query.text, actor=actor, most=MOST + 1)
    except TooGeneral:
        results.too_general = True
        return
    results.outputs = _cut(results, "outputs", made)
    results.inputs = _cut(results, "inputs", given)


def _cut(results: Results, kind: str, hits: Iterable[Hit]) -> list[Hit]:
    listed = list(hits)
    if len(listed) > MOST:
        results.more.add(kind)
    return listed[:MOST]
