"""The steps of a run along time, as plain numbers that a template turns into SVG. Pure functions."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from math import ceil, log10
from typing import Final

from runs.records.models import Run, Step
from runs.web.stops import STANDING, Stop

LEFT, RIGHT, WIDTH = 168.0, 130.0, 980.0
ROW, BAR = 28, 14
SPAN: Final = WIDTH - LEFT - RIGHT
NARROWEST: Final = 3.0
MOST_TICKS: Final = 6
NAME_CHARACTERS: Final = 22
SECOND: Final = 1000.0
DAY: Final = 86_400 * SECOND
SAID: Final = STANDING | {Run.State.RUNNING, Run.State.READY}
WHOLE_MINUTES: Final = (1, 2, 5, 10, 20, 30, 60, 120, 180, 360, 720, 1440)


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
    hint: str = ""

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


@dataclass
class _Drawing:
    """The lines so far, and the scale of time on which they are drawn."""

    begins: datetime
    total: float
    now: datetime
    stops: list[Stop]
    lines: list[Line] = field(default_factory=list)

    def bar(self, since: datetime, until: datetime | None, look: str, note: str = "", key: str = "") -> Bar:
        """One bar of the line that is drawn next; without an end it lasts until now."""
        start = max(0.0, (since - self.begins).total_seconds() * 1000)
        length = max(0.0, ((until or self.now) - since).total_seconds() * 1000)
        x, width = LEFT + SPAN * start / self.total, max(NARROWEST, SPAN * length / self.total)
        return Bar(round(x, 1), len(self.lines) * ROW + 10.0, round(width, 1), look, length, note, key)

    def line(self, name: str, bars: Sequence[Bar]) -> None:
        """The next line. Only its last bar says its words beside it; the others say them when pointed at."""
        said = [*(replace(bar, note="", hint=bar.note) for bar in bars[:-1]), *bars[-1:]]
        self.lines.append(Line(len(self.lines) * ROW + 21.0, _cut(name), name, tuple(said)))

    def stood(self, node: str, before: datetime | None = None) -> list[Bar]:
        """The stops at the node that began before the moment, each drawn once."""
        here = [stop for stop in self.stops if stop.node == node and (before is None or stop.since < before)]
        self.stops = [stop for stop in self.stops if stop not in here]
        return [self.bar(stop.since, stop.until, "waiting", stop.words) for stop in here]


def timeline_of(
    run: Run,
    steps: Sequence[Step],
    stops: Sequence[Stop] = (),
    *,
    now: datetime,
    first: bool = True,
    last: bool = True,
) -> Timeline:
    """Waiting for a worker first, then each step with its attempts, and the times at which it stood still.

    What is being done or waited for now ends at `now`. Of a long run only a piece is drawn, which may be its
    `first` or its `last` one.
    """
    begins = run.created_at if first or not steps else steps[0].started_at
    ends = max([(run.finished_at or now) if last else begins, *(step.finished_at for step in steps)])
    total = max((ends - begins).total_seconds() * 1000, 1.0)
    drawing = _Drawing(begins, total, now, [stop for stop in stops if begins <= stop.since <= ends])
    if first:
        began = run.started_at or run.finished_at
        drawing.line("waiting", [drawing.bar(begins, began, "waiting", "for a worker")])
    by_position: dict[int, list[Step]] = {}
    for step in steps:
        by_position.setdefault(step.position, []).append(step)
    for position, attempts in sorted(by_position.items()):
        here = last and position == run.position
        _draw(drawing, attempts, run if here else None)
    if last and run.position not in by_position and (bars := _present(drawing, run, steps)):
        drawing.line(run.cursor, bars)
    height = len(drawing.lines) * ROW + 26.0
    return Timeline(WIDTH, height, height - 6, height - 20, tuple(drawing.lines), _ticks(total))


def _draw(drawing: _Drawing, attempts: Sequence[Step], present: Run | None) -> None:
    """The attempts at one step, the waits between them, and what is going on there now."""
    bars = [*drawing.stood(attempts[0].node, attempts[-1].finished_at)]
    bars += [_bar_of(step, drawing) for step in attempts]
    bars.sort(key=lambda bar: bar.x)
    if present is not None:
        bars += _present(drawing, present, attempts)
    drawing.line(name_of(attempts[0]), bars)


def _present(drawing: _Drawing, run: Run, steps: Sequence[Step]) -> list[Bar]:
    """Where the run stands: what it waited for there, and what is being done."""
    stood_until = [stop.until for stop in drawing.stops if stop.node == run.cursor and stop.until]
    bars = drawing.stood(run.cursor) if run.state in SAID else []
    if run.state == Run.State.RUNNING:
        began = run.started_at or drawing.begins
        since = max([*(step.finished_at for step in steps), *stood_until, began])
        bars.append(drawing.bar(since, None, "info", "so far"))
    return bars


def name_of(step: Step) -> str:
    """The step's node; of a map's with its item, of an undoing as one."""
    if step.compensates is not None:
        return f"undo {step.node}"
    return step.node if step.item is None else f"{step.node} {step.item + 1}"


def _bar_of(step: Step, drawing: _Drawing) -> Bar:
    if "copied_from" in step.facts:  # it took its time in another run
        return drawing.bar(drawing.begins, drawing.begins, "hold", "copied", str(step.pk))
    failed = step.state == Step.State.FAILED
    said = ("failed" if failed else "", f"attempt {step.attempt}" if step.attempt > 1 and not failed else "")
    cut = "cut off" if step.facts.get("finish_reason") == "length" else ""
    by = f"recorded by {step.facts['recorded_by']}" if "recorded_by" in step.facts else ""
    note = ", ".join(filter(None, (*said, cut, by)))
    look = "bad" if failed else "hold" if by else "ok"
    return drawing.bar(step.started_at, step.finished_at, look, note, str(step.pk))


def _ticks(total: float) -> tuple[Tick, ...]:
    """A few round moments."""
    step = _step(total / MOST_TICKS)
    moments = [at * step for at in range(int(total / step) + 1)]
    return tuple(Tick(round(LEFT + SPAN * ms / total, 1), ms, _exact(ms, step)) for ms in moments)


def _step(rough: float) -> float:
    """The next round time: 1, 2 or 5 of a power of ten up to 50 s, then whole minutes, hours and days."""
    if rough > 50 * SECOND:
        whole = (minutes * 60 * SECOND for minutes in WHOLE_MINUTES)
        found = next((step for step in whole if step >= rough), None)
        return found or ceil(rough / DAY) * DAY
    power = 10 ** (ceil(log10(rough)) - 1)
    return next(float(size * power) for size in (1, 2, 5, 10) if size * power >= rough)


def _exact(ms: float, step: float) -> str:
    """What tells one from the next: "0.05 s", "0.10 s" or "60 s", "80 s" or "0 min", "1 min"."""
    minute = 60 * SECOND
    if step >= minute:
        return f"{ms / minute:.0f} min" if ms <= minute else ""
    places = 0 if step >= SECOND else ceil(-log10(step / SECOND))
    return f"{ms / SECOND:.{places}f} s"


def _cut(name: str) -> str:
    return name if len(name) <= NAME_CHARACTERS else f"{name[: NAME_CHARACTERS - 1]}…"
