"""What happened once replies were drafted: answers, a corrected memory, experiments, post, an outage.

Told through the services that people use. Each part is told once, and whole also after an interruption.
"""

import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

import click

from governance.access.permissions import Role
from portal.demo import answers, experiments, outage, post_room
from portal.demo.cast import Cast
from portal.demo.letters import all_letters
from portal.demo.story import Stage
from runs.memory.models import Entry
from runs.memory.services import revert_entry
from runs.records.models import Run

Part = Callable[[], object]
CORRECTED: Final = "Case 88202 was booked to the wrong customer: two digits were swapped."


def tell_afterwards(cast: Cast, stage: Stage) -> None:
    """All of it, as far as the letters go that have a drafted reply, with a progress bar."""
    parts = list(_parts(cast, _drafted(stage)))
    with click.progressbar(parts, label=f"{'What followed':<26}", file=sys.stderr, show_pos=True) as bar:
        for part in bar:
            part()


def _parts(cast: Cast, drafted: dict[int, Run]) -> Iterator[Part]:
    """In their order. The model works on the experiments while people answer."""
    source = drafted[min(drafted)] if drafted else None
    if source is not None:
        yield partial(experiments.fork, cast, source)
        yield partial(experiments.replay, cast, source)
        yield from _answers(cast, drafted)
    yield partial(post_room.open_room, cast)
    if source is not None:
        yield partial(experiments.verify, cast, source)
        yield partial(outage.tell, cast)  # last, since nothing in production is answered meanwhile


def _drafted(stage: Stage) -> dict[int, Run]:
    """The newest run that drafted a reply, by the place of its letter."""
    places = {letter.reference: place for place, letter in enumerate(all_letters())}
    done = Run.objects.filter(workflow=stage.workflow, state=Run.State.SUCCEEDED, source=None, parent=None)
    found = done.filter(reference__in=places).select_related("output").order_by("id")
    return {places[run.reference]: run for run in found if run.output}


def _answers(cast: Cast, drafted: dict[int, Run]) -> Iterator[Part]:
    workflow = answers.release_answers(cast)
    for script in answers.SCRIPTS:
        reply = drafted[script.letter].output if script.letter in drafted else None
        if reply is not None:
            yield partial(answers.tell, cast, workflow, script, reply)
            if script is answers.MISTAKEN:
                yield partial(_memory_corrected, cast, script)


def _memory_corrected(cast: Cast, script: answers.Script) -> None:
    """The operator goes back to what was remembered before the mistake."""
    customer = all_letters()[script.writer].customer
    within = Entry.objects.within(cast.project.pk, cast.environments["production"].pk)
    known = within.filter(namespace="customers", key=customer)
    before = known.filter(number=1).first()
    if before is not None and known.count() == 2:  # noqa: PLR2004 - the right one and the mistaken one
        revert_entry(before, actor=cast.people[Role.OPERATOR], reason=CORRECTED)
