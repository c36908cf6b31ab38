"""What two runs asked their models with, step by step: where it differs, and whether a model alone does."""

from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID

from governance.catalog.models import Version
from governance.web.acting import address
from runs.lineage.models import Edge
from runs.records.models import Step
from runs.replay.compare import Comparison, Pair
from runs.web.compare_facts import Beside, Held
from runs.web.strip import settings_of

NONE: Final = Held("none")


def versions_beside(pairs: Iterable[Pair]) -> list[Beside]:
    """A fact for each prompt and each model that is not the same version on both sides."""
    found = []
    for pair in pairs:
        if pair.left and pair.right:
            left, right = pair.left, pair.right
            found.append(_beside(f"Prompt of {pair.node}", left.prompt_version, right.prompt_version))
            found.append(_beside(f"Model of {pair.node}", left.model_version, right.model_version))
    return [fact for fact in found if not fact.same]


def _beside(label: str, left: Version | None, right: Version | None) -> Beside:
    changed = ""
    if left is not None and right is not None and left.asset_id == right.asset_id:
        changed = address("governance:version-diff", right.pk, against=str(left.pk))
    return Beside(label, _held(left), _held(right), changed_url=changed)


def _held(version: Version | None) -> Held:
    if version is None:
        return NONE
    return Held(str(version), address("governance:version", version.pk), small=f"by {version.author_name}")


def asked_alike(comparison: Comparison) -> str:
    """Where they part at a model that was asked the very same thing: says so. Else nothing."""
    parting = comparison.parting
    if parting is None or parting.left is None or parting.right is None:
        return ""
    left, right = parting.left, parting.right
    asked, other = (_asked(step, comparison) for step in (left, right))
    if left.model_version is None or asked != other or not _same_words(left.pk, right.pk):
        return ""
    return (
        f"Both asked {left.model_version} with {left.prompt_version}, sent it the same words and the same "
        f"settings ({asked[-1]}), and it answered differently."
    )


def _asked(step: Step, comparison: Comparison) -> Sequence[object]:
    run = comparison.left if step.run_id == comparison.left.pk else comparison.right
    model = step.model_version
    settings = settings_of(model, workflow=run.version, node=step.node) if model else ""
    return step.prompt_version_id, step.model_version_id, settings


def _same_words(left: UUID, right: UUID) -> bool:
    """Whether what both sent, in full and every time, has the same digests."""
    edges = Edge.objects.filter(step__in=(left, right), role=Edge.Role.PROMPT).order_by("id")
    sent: dict[UUID, list[str]] = {left: [], right: []}
    for step, digest in edges.values_list("step", "artifact__sha256"):
        sent[step].append(digest)
    return bool(sent[left]) and sent[left] == sent[right]
