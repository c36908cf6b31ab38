"""The provenance page: what one output is, and everything that it goes back to."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from governance.accounts.models import User
from governance.approvals.signed import roles_at
from governance.releases.models import Release
from governance.web.acting import actor_of
from runs.artifacts.classes import most_protected
from runs.artifacts.models import Artifact
from runs.insight.currency import currencies
from runs.insight.integrity import examine
from runs.insight.mishaps import COST_NOT_KNOWN, cost_untold, mishaps_of
from runs.insight.titles import title_of
from runs.lineage.trace import MEMORY, SIGNAL, Link, Trace, trace_output
from runs.memory.abouts import classes_in
from runs.memory.models import Entry
from runs.memory.reading import entries_named
from runs.reading.abouts import about_step
from runs.reading.models import Ticket
from runs.reading.reading import Reading
from runs.records.models import Run, RunInput, Step
from runs.replay.experiment import replaced_by
from runs.web import strip
from runs.web.approvals import approvals_of
from runs.web.kin import reason_of
from runs.web.lineage import lineage_drawing
from runs.web.models_behind import models_behind, models_named, prompts_named
from runs.web.opened import opened
from runs.web.redacted import redactions, removed
from runs.web.texts import Shown, sent, shown, value_at
from runs.web.used_further import used_further

MOST_SEEN: Final = 6
MADE_BY: Final = {"human_task": "a person", "wait_event": "a signal"}
OF_THE_RUN: Final = ("organisation", "workflow", "version__asset", "environment")
OF_ITS_RELEASE: Final = ("workflow", "environment", "submitted_by", "request")


@dataclass(frozen=True)
class Read:
    """Something that the step read: the value itself, and the content that it stands in.

    `given`, `made_by`, `remembered` or `signal` says where the content came from; `names` are the parameters
    that took it.
    """

    source: str
    names: tuple[str, ...]
    value: str | None
    content: Shown
    given: RunInput | None
    made_by: Step | None
    remembered: Entry | None

    @property
    def signal(self) -> str:
        """The name of the signal that brought it; empty for what came otherwise."""
        return self.source.removeprefix(SIGNAL) if self.source.startswith(SIGNAL) else ""

    @property
    def part(self) -> str:
        """The place of the value within the content; empty when it is the whole."""
        return "" if self.value is None else self.source.partition(".")[2]


@require_safe
def output(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Why the system said this: one page, made to be printed."""
    actor = actor_of(request)
    step = _found(pk, actor)
    trace = trace_output(step)
    remembered = entries_named(step.run, {link.source for link in trace.links})
    wanted = _wanted(trace)
    known = classes_in(remembered.values())
    reading = opened(request, about_step(step), wanted, purpose="the page of the output", used_as=known)
    bodies = Artifact.objects.in_bulk(wanted)
    reads = _reads(trace, bodies, remembered, reading)
    made = bodies[step.output_id] if step.output_id else None
    integrity = examine(step.run, made)
    lowered = made_from(trace, remembered)
    asked = models_behind(trace, actor)
    context = {
        "step": step,
        "trace": trace,
        "facts": facts_of(trace, asked),
        "asked_before": [found for found in asked if found.prompt_version],
        "integrity": integrity,
        "content": shown(made, reading) if made else None,
        "prompt": sent(bodies[trace.prompt.artifact_id], reading) if trace.prompt else None,
        "answer": shown(bodies[trace.answer.artifact_id], reading) if trace.answer else None,
        "reads": reads,
        "origins": [
            (given, shown(bodies[given.artifact_id], reading))
            for given in trace.inputs
            if given not in {read.given for read in reads}
        ],
        "drawing": lineage_drawing(trace, remembered),
        "left": Entry.objects.filter(step=step),
        "removed": removed(trace, bodies, reading),
        "made_from": lowered,
        "made_from_words": f"Made from {lowered.lower()}",
        "seen": _seen(step, actor),
        **used_further(step, actor),
        "others": [other for other in trace.steps if other.pk != step.pk],
        "title": title_of(step),
        "settings": settings_of(step),
        **_of_its_run(step),
    }
    return render(request, "runs/output.html", context)


def _of_its_run(step: Step) -> dict[str, object]:
    """Where the run came from, who approved what it ran, and what went wrong until the step had ended."""
    run = step.run
    return {
        "run": run,
        "approvals": approvals_of(run, roles=roles_at(run.release.request_id) if run.approvals else {}),
        "replaced": replaced_by(run),
        "cost_not_known": COST_NOT_KNOWN if cost_untold(step) else "",
        "mishaps": mishaps_of(run, until=step.finished_at),
        "currency": currencies([run.organisation_id])[run.organisation_id],
        "released_to": _released_to(run),
        "because": reason_of(run),
    }


def _found(pk: UUID, actor: User) -> Step:
    """The step within reach, with its run and release in questions of their own.

    One question about all sixteen tables takes PostgreSQL longer to plan than to answer, by thirty times.
    """
    rows = Step.objects.visible_to(actor).with_contents().defer("output__inline")
    step = get_object_or_404(rows, pk=pk)
    step.run = Run.objects.select_related(*OF_THE_RUN).get(pk=step.run_id)
    step.run.release = Release.objects.select_related(*OF_ITS_RELEASE).get(pk=step.run.release_id)
    return step


def _released_to(run: Run) -> str:
    """Of a run that was made from another only its versions were."""
    where = run.environment.name.lower()
    return f"Versions released to {where}" if run.source_id else f"Released to {where}"


def facts_of(trace: Trace, behind: list[Step]) -> list[strip.Fact]:
    """The strip of one output; `behind` are the steps that asked a model, where this one asked none."""
    step, run = trace.step, trace.step.run
    own = step.function or _made_by(step)
    elsewhere = ("$", SIGNAL, MEMORY)
    earlier = len({link.source for link in trace.reads if not link.source.startswith(elsewhere)})
    return [
        strip.produced_by(run, step, steps=len({found.position for found in trace.steps})),
        prompts_named(strip.prompt_used(step.prompt_version, otherwise=own), behind),
        models_named(
            strip.model_used(step.model_version, settings=settings_of(step), kind=step.kind), behind, of=step
        ),
        strip.inputs_given(trace.inputs, earlier=earlier),
        strip.release_used(run),
        strip.approved_by(run),
    ]


def _made_by(step: Step) -> str:
    if step.kind in MADE_BY:
        return "nobody, in time" if step.chosen else MADE_BY[step.kind]
    return f"a {step.kind}"


def settings_of(step: Step) -> str:
    """What the model was called with, in words; nothing where none was."""
    if step.model_version is None:
        return ""
    return strip.settings_of(step.model_version, workflow=step.run.version, node=step.node)


def made_from(trace: Trace, remembered: Mapping[str, Entry]) -> str:
    """The class of what the output goes back to, in words, where the workflow declares a lower one for it.

    A declaration says how an output is to be treated; it takes no name out of a text.
    """
    levels = [given.classification for given in trace.inputs]
    levels += [step.classification for step in trace.upstream]
    levels += [entry.classification for entry in remembered.values()]
    found = most_protected([trace.step.classification, *levels])
    return "" if found == trace.step.classification else str(Artifact.Classification(found).label)


def _wanted(trace: Trace) -> set[UUID]:
    """The contents that the page shows."""
    wanted = {link.edge.artifact_id for link in trace.reads if link.edge}
    wanted |= {edge.artifact_id for edge in (trace.prompt, trace.answer) if edge}
    wanted |= {given.artifact_id for given in trace.inputs}
    wanted |= {step.output_id for step in redactions(trace) if step.output_id}
    return wanted | ({trace.step.output_id} if trace.step.output_id else set())


def _reads(
    trace: Trace, bodies: dict[UUID, Artifact], remembered: Mapping[str, Entry], reading: Reading
) -> list[Read]:
    """What the step read, each reference once."""
    given = {f"${found.name}": found for found in trace.given}
    made = {str(found.pk): found for found in (*trace.above, *trace.steps)}
    by_reference: dict[str, list[Link]] = {}
    for link in trace.reads:
        by_reference.setdefault(link.edge.source if link.edge else "", []).append(link)
    found = []
    for reference, links in by_reference.items():
        edge = links[0].edge
        if edge is not None:
            content = shown(bodies[edge.artifact_id], reading)
            names = tuple(link.name for link in links)
            value = value_at(content, reference)
            source = links[0].source
            origin = given.get(source), made.get(source), remembered.get(source)
            found.append(Read(reference, names, value, content, *origin))
    return found


def _seen(step: Step, actor: User) -> list[Ticket]:
    """Who has opened this very content, as far as the person may know, the newest first."""
    if step.output_id is None:
        return []
    return list(Ticket.objects.visible_to(actor).of_content(step.output_id).order_by("-id")[:MOST_SEEN])
