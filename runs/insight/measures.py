"""The figures of the dashboard: aggregates over the runs that began in a period, within a person's reach."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, Literal
from uuid import UUID

from django.db.models import (
    Aggregate,
    Case,
    CharField,
    Count,
    F,
    FloatField,
    Func,
    Q,
    Sum,
    UUIDField,
    When,
)
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, Trunc
from django.db.models.lookups import In

from governance.accounts.models import User
from governance.catalog.models import Version
from runs.insight.periods import Period
from runs.insight.sorts import Sort
from runs.records.discarded import Discarded, DiscardedQuerySet
from runs.records.models import Run, Step
from runs.records.querysets import RunQuerySet, StepQuerySet

MOST_BARS: Final = 14
# A slug is a name within its project only, so that workflows are told apart by their identifiers.
WORKFLOW: Final = ("run__workflow", "run__workflow__project__slug", "run__workflow__slug")
TOKENS: Final = Sum(F("tokens_in") + Coalesce("tokens_out", 0), default=0)
PAID: Final = Sum("cost", default=Decimal(0))
UNPRICED: Final = Count("pk", filter=Q(cost__isnull=True))


@dataclass(frozen=True)
class Scope:
    """Whose runs are counted: those the person may see, of one project or all, that began in the period.

    With a `sort` those of it alone, with all their parts.
    """

    actor: User
    period: Period
    project: UUID | None = None
    sort: Sort | None = None

    def runs(self) -> RunQuerySet:
        """The runs, without the parts of others."""
        found = Run.objects.visible_to(self.actor).whole()
        if self.project is not None:
            found = found.filter(project=self.project)
        if self.sort is not None:
            found = found.filter(self.sort.of())
        return found.filter(**self.period.within("pk"))

    def steps(self) -> StepQuerySet:
        """The steps of those runs."""
        found = Step.objects.visible_to(self.actor)
        if self.project is not None:
            found = found.filter(run__project=self.project)
        if self.sort is not None:
            found = found.filter(_of_sort(self.sort))
        return found.filter(**self.period.within("run"))


class Percentile(Aggregate):
    """The value below which this fraction of the rows lies, between two rows in proportion."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(%(fraction)s) WITHIN GROUP (ORDER BY %(expressions)s)"

    def __init__(self, expression: str, fraction: float) -> None:
        super().__init__(expression, fraction=float(fraction), output_field=FloatField())


@dataclass(frozen=True)
class Latency:
    """How long the successful attempts at one step of a workflow took, in milliseconds."""

    workflow: str
    node: str
    median: float
    slowest: float
    count: int


@dataclass(frozen=True)
class Used:
    """Runs, tokens, and what they cost. `unpriced` counts the steps that had no price."""

    runs: int
    tokens: int
    cost: Decimal
    unpriced: int


@dataclass(frozen=True)
class Spent:
    """What one version of a workflow used."""

    workflow: str
    version: int
    runs: int
    tokens: int
    cost: Decimal
    unpriced: int


def runs_by_state(scope: Scope) -> dict[datetime, dict[str, int]]:
    """For each piece of the period the number of runs that began in it, by their state now."""
    pieces = scope.runs().annotate(piece=Trunc("created_at", scope.period.grain)).order_by("piece")
    found: dict[datetime, dict[str, int]] = {}
    for piece, state, count in pieces.values_list("piece", "state").annotate(count=Count("pk")):
        found.setdefault(piece, {})[state] = count
    return found


def latencies(scope: Scope) -> list[Latency]:
    """The median and the 95th percentile of each step's time, the slowest first."""
    ended = scope.steps().filter(state=Step.State.SUCCEEDED).order_by()
    rows = ended.values_list(*WORKFLOW, "node").annotate(
        median=Percentile("latency_ms", 0.5), slowest=Percentile("latency_ms", 0.95), count=Count("pk")
    )
    return [Latency(*row) for row in _named(rows.order_by("-slowest")[:MOST_BARS])]


def errors(scope: Scope) -> list[tuple[str, str, int]]:
    """What stopped steps: workflow, cause, and how often; the most frequent first."""
    failed = scope.steps().filter(state=Step.State.FAILED).order_by()
    caused = failed.annotate(cause=Cast(KeyTextTransform("title", "error"), CharField()))
    rows = caused.values_list(*WORKFLOW, "cause").annotate(count=Count("pk")).order_by("-count")[:MOST_BARS]
    return [(workflow, cause or "No reason recorded", count) for workflow, cause, count in _named(rows)]


def tokens(scope: Scope) -> list[tuple[datetime, int, int]]:
    """For each piece of the period the tokens sent to and received from models."""
    found: dict[datetime, list[int]] = defaultdict(lambda: [0, 0])
    for asked in (scope.steps().filter(tokens_in__isnull=False).order_by(), _discarded(scope)):
        pieces = asked.annotate(piece=Trunc("run__created_at", scope.period.grain))
        rows = pieces.values_list("piece").annotate(sent=Sum("tokens_in"), received=Sum("tokens_out"))
        for piece, sent, received in rows:
            found[piece][0] += sent or 0
            found[piece][1] += received or 0
    return [(piece, sent, received) for piece, (sent, received) in sorted(found.items())]


def spent(scope: Scope) -> list[Spent]:
    """What each workflow version used, with the parts of its runs, the dearest first.

    Each step was costed at the price of its day.
    """
    # Answers come too late so seldom that what each version lost by it is read whole.
    late, steps = _by_version(_discarded(scope)), _by_version(_asked(scope))
    sums: dict[UUID, list[Any]] = {version: found for version, *found in late}
    read = list(steps.order_by("-paid", "started")[:MOST_BARS])
    unread = set(sums) - {version for version, *_ in read}
    read += steps.filter(started__in=unread) if unread else []
    for version, runs, *used_up in read:
        lost = sums.get(version, [0, 0, Decimal(0), 0])[1:]
        sums[version] = [runs, *(had + more for had, more in zip(lost, used_up, strict=True))]
    dearest = sorted(sums.items(), key=lambda item: (-item[1][2], item[0]))[:MOST_BARS]
    found = [(version, *sum_) for version, sum_ in dearest]
    named = Version.objects.select_related("asset__project").defer("content")
    versions_by_id = named.in_bulk([row[0] for row in found])
    return [Spent(*row) for row in _named((*_place(versions_by_id[pk]), *rest) for pk, *rest in found)]


def _by_version(asked: Any) -> Any:
    """By the version of the workflow that was started: its runs, and what they used."""
    versions = asked.annotate(whole=_of_whole("id"), started=_of_whole("version_id"))
    return versions.values_list("started").annotate(
        runs=Count("whole", distinct=True), tokens=TOKENS, paid=PAID, unpriced=UNPRICED
    )


def used(scope: Scope) -> Used:
    """What all of it used."""
    found = (
        _asked(scope)
        .annotate(whole=_of_whole("id"))
        .aggregate(runs=Count("whole", distinct=True), tokens=TOKENS, paid=PAID, unpriced=UNPRICED)
    )
    late = _discarded(scope).aggregate(tokens=TOKENS, paid=PAID, unpriced=UNPRICED)
    sums = (found[name] + late[name] for name in ("tokens", "paid", "unpriced"))
    return Used(found["runs"], *sums)


def models_asked(scope: Scope) -> set[tuple[str, str]]:
    """The provider and the name of each model that was asked."""
    asked = Version.objects.filter(pk__in=_asked(scope).values("model_version"))
    return {(found.document["provider"], found.document["model"]) for found in asked}


def _asked(scope: Scope) -> StepQuerySet:
    """The steps for which a model counted tokens."""
    return scope.steps().filter(model_version__isnull=False, tokens_in__isnull=False).order_by()


def _discarded(scope: Scope) -> DiscardedQuerySet:
    """The answers that came too late: what they cost was paid all the same."""
    found = Discarded.objects.visible_to(scope.actor).filter(tokens_in__isnull=False)
    if scope.project is not None:
        found = found.filter(run__project=scope.project)
    if scope.sort is not None:
        found = found.filter(_of_sort(scope.sort))
    return found.filter(**scope.period.within("run")).order_by()


def _of_sort(sort: Sort) -> Q:
    """What a run of the sort did, or a part of one: a part is of the sort of its whole."""
    wholes = Run.objects.whole().filter(sort.of()).values("pk")
    return Q(sort.of("run__"), run__parent=None) | Q(In(_of_whole("id"), wholes), run__parent__isnull=False)


class _Whole(Func):
    """A column of the run that a part of a run, of a part of a run … is a part of."""

    template = (
        "(WITH RECURSIVE up AS (SELECT part.* FROM runs_run AS part WHERE part.id = %(expressions)s"
        " UNION ALL SELECT parent.* FROM up JOIN runs_run AS parent ON parent.id = up.parent_id)"
        " SELECT %(column)s FROM up WHERE parent_id IS NULL)"
    )


def _of_whole(column: Literal["id", "version_id"]) -> Case:
    """The column of the whole run that a step belongs to; most runs are whole themselves."""
    own = F("run" if column == "id" else "run__version")
    return Case(
        When(run__parent=None, then=own),
        default=_Whole(F("run"), column=column, output_field=UUIDField()),
        output_field=UUIDField(),
    )


def _place(version: Version) -> tuple[Any, ...]:
    """The workflow as `WORKFLOW` has it, and the version's number."""
    asset = version.asset
    return asset.pk, asset.project.slug, asset.slug, version.number


def _named(rows: Iterable[Sequence[Any]]) -> list[list[Any]]:
    """Rows that begin with `WORKFLOW`, a name in its place: the slug, with the project where two share it."""
    found = list(rows)
    times = Counter(slug for _, _, slug in {tuple(row[:3]) for row in found})
    return [[slug if times[slug] == 1 else f"{project}/{slug}", *rest] for _, project, slug, *rest in found]
