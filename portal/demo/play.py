"""Sending letters through the released workflow and waiting for the workers, with a progress bar."""

import sys
import time
from collections.abc import Iterator, Sequence
from uuid import UUID

import click

from governance.access.permissions import Role
from portal.demo.cast import Cast
from portal.demo.letters import Letter
from portal.demo.story import Stage
from runs.durable.machine import ENDED, HELD_UP
from runs.durable.start import Document, start_run
from runs.records.models import Run

POLL_SECONDS = 0.1
PATIENCE_SECONDS = 900
RESTS = (Run.WaitsFor.TIMER, Run.WaitsFor.EVENT, Run.WaitsFor.PERSON)


class TookTooLong(Exception):
    """The workers did not finish in time."""


def play(cast: Cast, stage: Stage, letters: Sequence[Letter], *, label: str, occasion: str) -> list[Run]:
    """Start a run for each letter under the release in effect and wait until all have ended.

    `occasion` makes the idempotency keys of this playing its own. Raises `TookTooLong` after fifteen minutes.
    """
    if not letters:
        return []
    started = [_start(cast, stage, letter, occasion) for letter in letters]
    ids = [run.pk for run in started]
    with click.progressbar(length=len(ids), label=f"{label:<26}", file=sys.stderr, show_pos=True) as bar:
        for finished in _finishing(ids):
            bar.update(finished - bar.pos)
    return list(Run.objects.with_names().filter(pk__in=ids).order_by("id"))


def played(stage: Stage, occasion: str) -> int:
    """How many runs of this playing there are already."""
    return Run.objects.filter(workflow=stage.workflow, idempotency_key__startswith=f"{occasion}-").count()


def _start(cast: Cast, stage: Stage, letter: Letter, occasion: str) -> Run:
    run, _ = start_run(
        stage.workflow,
        actor=cast.people[Role.OPERATOR],
        environment=cast.environments["production"],
        inputs={"letter": Document(filename=letter.filename, body=letter.body)},
        reference=letter.reference,
        idempotency_key=f"{occasion}-{letter.reference}",
        origin=Run.Origin.COMMAND,
    )
    return run


def _finishing(ids: Sequence[UUID]) -> Iterator[int]:
    """The number of finished runs, each time it is looked at, until all are."""
    for _ in _looks():
        finished = Run.objects.filter(pk__in=ids, state__in=ENDED).count()
        yield finished
        if finished == len(ids):
            return


def settled(pk: UUID) -> Run:
    """The run once it does not move by itself: it has ended, or waits for a time, a person or a signal.

    Raises `TookTooLong` after fifteen minutes.
    """
    return next(found for _ in _looks() if _rests(found := Run.objects.get(pk=pk)))


def _rests(run: Run) -> bool:
    waits = run.state == Run.State.WAITING and run.waits_for in RESTS
    return waits or run.state in ENDED | HELD_UP


def _looks() -> Iterator[None]:
    """Once each time that it is worth looking again."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        yield
        meanwhile()
    raise TookTooLong(f"After {PATIENCE_SECONDS} s the workers had not finished.")


def meanwhile() -> None:
    """Let the workers work."""
    time.sleep(POLL_SECONDS)
