"""The lineage of an output as boxes and arrows."""

from collections.abc import Mapping
from typing import Final

from django.urls import reverse

from governance.web.drawing import Arrow, Box, Drawing, drawn
from runs.lineage.trace import SIGNAL, Link, Trace
from runs.memory.models import Entry
from runs.records.models import RunInput, Step

WIDEST: Final = 620  # what stands beside the column of facts on a screen of 1280 pixels


def lineage_drawing(trace: Trace, remembered: Mapping[str, Entry]) -> Drawing:
    """From what the run was given and read from memory to this output; downwards when it is long."""
    boxes = [_given(given) for given in trace.inputs]
    boxes += [_made(step) for step in trace.upstream]
    boxes += [_told(link) for link in trace.links if link.source.startswith(SIGNAL)]
    boxes += [_remembered(source, entry) for source, entry in remembered.items()]
    own = trace.step
    boxes.append(Box(key=str(own.pk), title=own.node, note=_how(own), look="key" if own.output_id else "bad"))
    said: dict[tuple[str, str], str] = {}
    for link in trace.links:
        pair = (link.source, link.target)
        said[pair] = said.get(pair) or ("chose it" if link.is_choice else "")
    arrows = [Arrow(source, target, label) for (source, target), label in said.items()]
    across = drawn(boxes, arrows)
    return across if across.width <= WIDEST else drawn(boxes, arrows, direction="down")


def _given(given: RunInput) -> Box:
    return Box(
        key=f"${given.name}",
        title=given.filename or given.name,
        note=f"input · {given.get_classification_display().lower()}",
        url=reverse("runs:artifact", args=[given.artifact_id]),
        look="quiet",
    )


def _told(link: Link) -> Box:
    url = reverse("runs:artifact", args=[link.edge.artifact_id]) if link.edge else ""
    return Box(key=link.source, title=link.source.removeprefix(SIGNAL), note="signal", url=url, look="quiet")


def _remembered(source: str, entry: Entry) -> Box:
    url = reverse("runs:memory-value", args=[entry.pk])
    return Box(key=source, title=str(entry), note="from memory", url=url, look="quiet")


def _made(step: Step) -> Box:
    return Box(key=str(step.pk), title=step.node, note=_how(step), url=reverse("runs:output", args=[step.pk]))


def _how(step: Step) -> str:
    if step.prompt_version is not None:
        return str(step.prompt_version)
    return step.function or (f"chose {step.chosen}" if step.chosen else step.kind)
