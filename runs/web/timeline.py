"""The steps of a run along time, as plain numbers that a template turns into SVG. Pure functions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil, log10
from typing import Final

from runs.records.models import Run, Step

LEFT, RIGHT, WIDTH = 168.0, 130.0, 980.0
ROW, BAR = 28, 14
SPAN: Final = WIDTH - LEFT - RIGHT
NARROWEST: Final = 3.0
MOST_TICKS: Final = 6
NAME_CHARACTERS: Final = 22
SECOND: Final = 1000.0


@dataclass(frozen=True)
class Bar:
    """One attempt (or a waiting) as a bar. `look` is ok, bad, info or waiting; `ms` its length in time."""

    x: float
    y: float
    width: float
    look: str
    ms: float
    note: str
    key: str

    @property
    def end(self) -> float:
        """Where the bar ends, and its words begin."""
        return self.x + self.width


@dataclass(frozen=True)
class Line:
    """The name of a node beside its bars."""

    y: float
    name: str
    full: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class Tick:
    """A moment on the scale, in milliseconds since the beginning; `exact` says it where steps are fine."""

    x: float
    ms: float
    exact: str = ""


@dataclass(frozen=True)
class Timeline:
    """A whole drawing. `bottom` is where the scale's words stand, `floor` where its lines end."""

    width: float
    height: float
    bottom: float
    floor: float
    lines: tuple[Line, ...]
    ticks: tuple[Tick, ...]


def timeline_of(run: Run, steps: Sequence[Step], *, now: datetime) -> Timeline:
    """Waiting for a worker first, then each step with its attempts; what is being done now ends at `now`."""
    begins = run.created_at
    ends = max([run.finished_at or now, *(step.finished_at for step in steps)])
    total = max((ends - begins).total_seconds() * 1000, 1.0)
    lines: list[Line] = []

    def bar(since: datetime, until: datetime, look: str, note: str = "", key: str = "") -> Bar:
        start = max(0.0, (since - begins).total_seconds() * 1000)
        length = max(0.0, (until - since).total_seconds() * 1000)
        x = LEFT + SPAN * start / total
        width = max(NARROWEST, SPAN * length / total)
        return Bar(round(x, 1), len(lines) * ROW + 10.0, round(width, 1), look, length, note, key)

    def line(name: str, bars: Sequence[Bar]) -> None:
        lines.append(Line(len(lines) * ROW + 21.0, _cut(name), name, tuple(bars)))

    line("waiting", [bar(begins, run.started_at or (run.finished_at or now), "waiting", "for a worker")])
    for position in sorted({step.position for step in steps}):
        attempts = [step for step in steps if step.position == position]
        line(attempts[0].node, [_bar_of(step, bar, last=step is attempts[-1]) for step in attempts])
    if run.state == Run.State.RUNNING:
        since = max([step.finished_at for step in steps] or [run.started_at or begins])
        line(run.cursor, [bar(since, now, "info", "so far")])
    height = len(lines) * ROW + 26.0
    return Timeline(WIDTH, height, height - 6, height - 20, tuple(lines), _ticks(total))


def _bar_of(step: Step, bar: Callable[..., Bar], *, last: bool) -> Bar:
    failed = step.state == Step.State.FAILED
    said = ("failed" if failed else "", f"attempt {step.attempt}" if step.attempt > 1 and not failed else "")
    cut = "cut off" if step.facts.get("finish_reason") == "length" else ""
    note = ", ".join(filter(None, (*said, cut)))
    made = bar(step.started_at, step.finished_at, "bad" if failed else "ok", note, str(step.pk))
    return made if last else Bar(made.x, made.y, made.width, made.look, made.ms, "", made.key)


def _ticks(total: float) -> tuple[Tick, ...]:
    """A few round moments."""
    rough = total / MOST_TICKS
    power = 10 ** (ceil(log10(rough)) - 1)
    step = next(size * power for size in (1, 2, 5, 10) if size * power >= rough)
    moments = [at * step for at in range(int(total / step) + 1)]
    return tuple(Tick(round(LEFT + SPAN * ms / total, 1), ms, _exact(ms, step)) for ms in moments)


def _exact(ms: float, step: float) -> str:
    """Steps of less than a second want the places that tell one from the next: "0.05 s", "0.10 s"."""
    return "" if step >= SECOND else f"{ms / SECOND:.{ceil(-log10(step / SECOND))}f} s"


def _cut(name: str) -> str:
    return name if len(name) <= NAME_CHARACTERS else f"{name[: NAME_CHARACTERS - 1]}…"
