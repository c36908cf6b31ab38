"""Look-ups by identifier, digest in short, reference and version name: indexed, within the person's reach."""

from typing import Any, TypeVar
from uuid import UUID

from django.db.models import CharField, Model, Q, QuerySet
from django.db.models.functions import Cast

from governance.accounts.models import User
from governance.catalog.models import Version
from governance.releases.models import Release
from runs.insight.hits import BEHIND_AN_INPUT, Given, Made, Named
from runs.insight.patience import Patience, TooGeneral
from runs.insight.queries import Query
from runs.records.models import Run, RunInput, Step

M = TypeVar("M", bound=Model)
UUID_DIGITS = 32
FEWEST_PART = 3  # characters of a reference
PATIENCE_SECONDS = 2.0
AFTER_HEX = "g"  # sorts behind every hexadecimal digit


def runs(query: Query, *, actor: User, most: int) -> list[Run]:
    """Runs of this identifier (whole or shortened), parts of others too, or whole ones of this reference."""
    visible = Run.objects.visible_to(actor).with_names().order_by("-id")
    if query.identifier:
        return list(visible.filter(pk=query.identifier))
    found: list[Run] = []
    if query.starts and len(query.starts) <= UUID_DIGITS:
        found = list(_identified(visible, query)[:most])
    if not found and query.reference:
        written = {query.reference, query.reference.upper(), query.reference.lower()}
        found = list(visible.whole().filter(reference__in=written)[:most])
    return found


def runs_by_part(query: Query, *, actor: User, most: int) -> list[Run]:
    """Runs whose business reference holds the one word: the number of "CASE-88206". No index helps here."""
    if not query.reference or not len(query.reference) >= FEWEST_PART or " " in query.reference:
        return []
    visible = Run.objects.visible_to(actor).with_names().order_by("-id")
    try:
        return Patience(PATIENCE_SECONDS).read(
            visible.whole().filter(reference__icontains=query.reference)[:most]
        )
    except TooGeneral:
        return []


def outputs(query: Query, *, actor: User, most: int) -> list[Made]:
    """Steps of this identifier, or with an output whose digest is written like this in short."""
    visible = Step.objects.visible_to(actor).filter(output__isnull=False)
    visible = visible.select_related("run", "output").defer("output__inline").order_by("-id")
    if query.identifier:
        return [Made(step) for step in visible.filter(pk=query.identifier)]
    if not query.starts:
        return []
    return [Made(step) for step in _digested(visible, "output__sha256", query)[:most]]


def inputs(query: Query, *, actor: User, most: int) -> list[Given]:
    """Runs that were started with a document whose digest is written like this in short."""
    if not query.starts:
        return []
    visible = RunInput.objects.visible_to(actor).order_by("-id")
    found = _digested(visible, "artifact__sha256", query)
    named = found.select_related("artifact", "run__workflow", "run__version__asset")
    return [Given(given.run, given) for given in named.defer(*BEHIND_AN_INPUT)[:most]]


def versions(query: Query, *, actor: User, most: int) -> list[Named]:
    """Versions by name and number, by name alone (the newest), or by a digest in short, as releases are."""
    visible = Version.objects.visible_to(actor).select_related("asset").defer("content").order_by("-id")
    if query.version:
        named = visible.filter(asset__slug=query.version[0], number=query.version[1])
        return [Named(version, version.digest) for version in named[:most]]
    if query.starts:
        found = [Named(version, version.digest) for version in _digested(visible, "digest", query)[:most]]
        releases = Release.objects.visible_to(actor).with_names().order_by("-id")
        for release in _digested(releases, "digest", query)[:most]:
            found.append(Named(release.version, release.digest, release))
        return found
    slug = "-".join(query.reference.lower().split())  # "Complaint handling" means "complaint-handling"
    newest = (
        visible.filter(asset__slug__in={query.reference, slug})
        .order_by("asset_id", "-number")
        .distinct("asset_id")
    )
    return [Named(version, version.digest) for version in newest[:most]] if query.reference else []


def _digested(rows: QuerySet[M], column: str, query: Query) -> QuerySet[M]:
    within = {f"{column}__gte": query.starts, f"{column}__lt": query.starts + AFTER_HEX}
    return rows.filter(**within, **({f"{column}__endswith": query.ends} if query.ends else {}))


def _identified(rows: Any, query: Query) -> Any:
    """Rows whose identifier begins with the digits: a range of the primary key."""
    first, last = UUID(query.starts.ljust(UUID_DIGITS, "0")), UUID(query.starts.ljust(UUID_DIGITS, "f"))
    found = rows.filter(Q(pk__gte=first) & Q(pk__lte=last))
    if not query.ends:
        return found
    return found.annotate(written=Cast("id", CharField())).filter(written__endswith=query.ends)
