"""What a release changes against the one in effect: the workflow, what it pins, and its functions."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Prefetch, prefetch_related_objects

from governance.catalog.models import Asset, Pin, Version
from governance.releases.closure import pinned_versions
from governance.releases.models import Activation, Release
from governance.web.comparison import Comparison, compared

# What people wrote comes first, then what it is asked of, then how it hangs together.
KIND_ORDER = {Asset.Kind.PROMPT: 0, Asset.Kind.MODEL: 1, Asset.Kind.WORKFLOW: 2}


@dataclass(frozen=True)
class Change:
    """One asset of the release: which version was in effect, and which would be."""

    old: Version | None
    new: Version
    comparison: Comparison | None

    @property
    def anchor(self) -> str:
        """Where it stands on the page."""
        return f"{self.new.asset.kind}-{self.new.asset.slug}-{self.new.number}"

    @property
    def numbers(self) -> str:
        """The two numbers."""
        return f"v{self.old.number} → v{self.new.number}" if self.old else f"new, v{self.new.number}"


@dataclass(frozen=True)
class FunctionChange:
    """A registered function whose code differs, or that is new or gone."""

    reference: str
    old: str
    new: str


@dataclass(frozen=True)
class Changes:
    """All of it: what changed, what stayed, what is no longer part of the release."""

    changed: list[Change]
    same: list[Version]
    gone: list[Version]
    functions: list[FunctionChange]
    same_functions: list[str]
    quorum: tuple[int, int] | None

    @property
    def count(self) -> int:
        """How many parts changed."""
        return len(self.changed) + len(self.gone) + len(self.functions) + bool(self.quorum)


def before_it(release: Release) -> Release | None:
    """The release that this one would, or did, take the place of; itself excepted."""
    of_workflow = Activation.objects.filter(workflow=release.workflow_id, environment=release.environment_id)
    first = release.activations.order_by("sequence").first()
    if first is not None:
        of_workflow = of_workflow.filter(sequence__lt=first.sequence)
    activation = of_workflow.order_by("-sequence").first()
    return Release.objects.with_contents().get(pk=activation.release_id) if activation else None


def changes(earlier: Release | None, release: Release) -> Changes:
    """Everything that differs between two releases of a workflow; everything, without an earlier one."""
    before = list(pinned_versions(earlier.version)) if earlier else []
    after = sorted(pinned_versions(release.version), key=_order)
    known, wanted = {version.pk for version in before}, {version.pk for version in after}
    changed = [_change(version, before, wanted) for version in after if version.pk not in known]
    replaced = {change.old.pk for change in changed if change.old is not None}
    then, now = (earlier.contents["functions"] if earlier else {}), release.contents["functions"]
    return Changes(
        changed=changed,
        same=[version for version in after if version.pk in known],
        gone=[version for version in before if version.pk not in wanted | replaced],
        functions=_functions(then, now),
        same_functions=[name for name in now if then.get(name) == now[name]],
        quorum=_quorum(earlier, release),
    )


def _change(version: Version, before: list[Version], wanted: set[UUID]) -> Change:
    if version.asset.kind == Asset.Kind.WORKFLOW:
        prefetch_related_objects([version], Prefetch("pins", Pin.objects.select_related("pinned__asset")))
    old = _earlier_of(version, before, wanted)
    return Change(old, version, compared(old, version))


def _order(version: Version) -> tuple[int, str, int]:
    return KIND_ORDER[Asset.Kind(version.asset.kind)], version.asset.slug, version.number


def _earlier_of(version: Version, before: list[Version], still_used: set[UUID]) -> Version | None:
    """The version of the same asset that was in effect and no longer is, else any of it that was."""
    candidates = [found for found in before if found.asset_id == version.asset_id]
    replaced = [found for found in candidates if found.pk not in still_used]
    return max(replaced or candidates, key=lambda found: found.number, default=None)


def _functions(then: dict[str, str], now: dict[str, str]) -> list[FunctionChange]:
    names = sorted(set(then) | set(now))
    pairs = [FunctionChange(name, then.get(name, ""), now.get(name, "")) for name in names]
    return [pair for pair in pairs if pair.old != pair.new]


def _quorum(earlier: Release | None, release: Release) -> tuple[int, int] | None:
    if earlier is None:
        return None
    then, now = earlier.contents["environment"]["quorum"], release.contents["environment"]["quorum"]
    return (then, now) if then != now else None
