"""The runs that a run is made of, is a part of, or was made from; what started it from outside."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Count, F, Q, Sum

from governance.accounts.models import User
from governance.ledger.kinds import Kind
from governance.ledger.models import Event
from governance.web.acting import address
from runs.durable.machine import ENDED, HELD_UP, TROUBLED, State
from runs.records.models import Run, Step
from runs.schedules.models import Firing
from runs.web.paging import counted
from runs.web.rows import Row, rows_of
from runs.webhooks.models import Delivery

MOST: Final = 20
MOST_NAMED: Final = 30
MOST_DERIVED: Final = 3


@dataclass(frozen=True)
class Fan:
    """What one step is made of: the slices of a map's items, or one run of another workflow.

    `items` is None of the latter. `named` are the parts that somebody should look at, or the only one.
    """

    node: str
    items: int | None
    done: int
    slices: int
    stopped: int
    paused: int
    in_review: int
    named: list[Row]
    url: str


@dataclass(frozen=True)
class Derived:
    """The forks and replays of a run: the newest of them, and how many there are."""

    newest: list[Row]
    count: int


def derived_from(run: Run, actor: User) -> Derived:
    """What was made from the run, as far as this person sees it."""
    found = Run.objects.visible_to(actor).filter(source=run.pk)
    newest = rows_of(found.with_names().order_by("-id")[:MOST_DERIVED])
    return Derived(newest, counted(found) if len(newest) == MOST_DERIVED else len(newest))


def reason_of(run: Run) -> str:
    """Why a fork or a replay was made; empty of any other run."""
    if run.source_id is None:
        return ""
    started = Event.objects.of_run(run.pk).filter(kind=Kind.RUN_STARTED).first()
    return str(started.details.get("reason", "")) if started else ""


def firing_of(run: Run) -> Firing | None:
    """The firing of a schedule that started the run; whoever sees the run sees both."""
    if run.origin != Run.Origin.SCHEDULE:
        return None
    return Firing.objects.filter(run=run.pk).select_related("schedule").first()


def delivery_of(run: Run) -> Delivery | None:
    """The delivery of a webhook that started the run; whoever sees the run sees both."""
    return Delivery.objects.of_run(run.pk).first() if run.origin == Run.Origin.WEBHOOK else None


def fans_of(run: Run, steps: Sequence[Step]) -> list[Fan]:
    """For the newest steps that have parts; in three queries at most, none of which reads every part."""
    parts = Run.objects.filter(parent=run.pk)
    counted = (
        parts.order_by()
        .values("parent_position")
        .annotate(
            items=Sum(F("end_item") - F("first_item")),
            done=Sum("position", filter=Q(first_item__isnull=False)),
            slices=Count("pk"),
            stopped=Count("pk", filter=Q(state__in=ENDED - {State.SUCCEEDED})),
            paused=Count("pk", filter=Q(state=State.PAUSED)),
            in_review=Count("pk", filter=Q(state=State.NEEDS_REVIEW)),
        )
        .order_by("-parent_position")[:MOST]
    )
    found = list(counted)[::-1]
    if not found:
        return []
    places = [row["parent_position"] or 0 for row in found]
    nodes = _nodes(run, steps, places)
    wanted = Q(first_item=None) | Q(state__in=TROUBLED | HELD_UP)
    named = rows_of(
        parts.filter(wanted, parent_position__in=places).with_names().order_by("-id")[:MOST_NAMED]
    )
    return [_fan(run, {**row}, nodes, named) for row in found]


def _nodes(run: Run, steps: Sequence[Step], places: Sequence[int]) -> dict[int, str]:
    nodes = {run.position: run.cursor} | {step.position: step.node for step in steps}
    if left := [place for place in places if place not in nodes]:
        others = Step.objects.filter(run=run.pk, position__in=left)
        nodes |= dict(others.values_list("position", "node"))
    return nodes


def _fan(run: Run, row: dict[str, Any], nodes: dict[int, str], named: Sequence[Row]) -> Fan:
    place = row.pop("parent_position")
    return Fan(
        node=nodes.get(place, ""),
        named=[found for found in named if found.run.parent_position == place],
        url=f"{address('runs:list')}?part_of={run.pk}",
        **{**row, "done": row["done"] or 0},
    )
