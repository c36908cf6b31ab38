"""Removing the bytes of contents that were announced, a few at a time. What is recorded of them stays."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from django.db import connection, transaction
from django.db.models.functions import Now

from governance.ledger.kinds import Kind
from governance.ledger.services import Actor, record
from runs.artifacts.models import Artifact, ArtifactText
from runs.artifacts.storing import discard
from runs.retention.announcing import digest_of
from runs.retention.models import Erasure, ErasureContent

AT_A_TIME: Final = 100
FILES_AT_A_TIME: Final = 20
KEPT: Final = "SELECT id, runs_content_kept(id) FROM unnest(%s::uuid[]) AS id"
Outcome, Why = ErasureContent.Outcome, ErasureContent.Why


@transaction.atomic
def remove_due(erasure: UUID, *, actor: Actor, most: int = AT_A_TIME) -> int:
    """Settle the next contents of the erasure, and record it; how many.

    Each is asked about anew: what was used again, or is held since, is kept. What somebody else is at in this
    moment is left for the next time. Search finds nothing of what was removed.
    """
    due = ErasureContent.objects.filter(erasure=erasure, outcome="", erasure__removes_from__lte=Now())
    listed = list(due.select_for_update(skip_locked=True, of=("self",)).order_by("artifact_id")[:most])
    by_content = {each.artifact_id: each for each in listed}
    contents = Artifact.objects.filter(pk__in=by_content).defer("inline").order_by("pk")
    locked = list(contents.select_for_update(skip_locked=True))
    if not locked:
        return 0
    marked = [found.pk for found in locked if found.pruned_by_id == by_content[found.pk].pk]
    why: dict[UUID, str] = dict.fromkeys((found.pk for found in locked), Why.USED.value) | _kept(marked)
    going = [found for found in locked if not why[found.pk]]
    Artifact.objects.filter(pk__in=[pk for pk in marked if why[pk]]).update(pruned_by=None)
    Artifact.objects.filter(pk__in=[found.pk for found in going]).update(
        inline=None, place="", pruned_at=Now()
    )
    ArtifactText.objects.filter(artifact__in=[found.pk for found in going]).delete()
    _settle(erasure, why)
    _record(erasure, actor, [found.sha256 for found in going], len(locked) - len(going))
    return len(locked)


def _kept(contents: Sequence[UUID]) -> dict[UUID, str]:
    """Why each is kept, empty for what goes, as it is now that nobody else can use them."""
    with connection.cursor() as cursor:
        cursor.execute(KEPT, [list(contents)])
        return dict(cursor.fetchall())


def _settle(erasure: UUID, why: Mapping[UUID, str]) -> None:
    for word in {*why.values()}:
        of = [pk for pk, reason in why.items() if reason == word]
        outcome = Outcome.KEPT if word else Outcome.REMOVED
        rows = ErasureContent.objects.filter(erasure=erasure, artifact__in=of)
        rows.update(outcome=outcome, why=word, settled_at=Now())


def _record(erasure: UUID, actor: Actor, removed: Sequence[str], kept: int) -> None:
    organisation = Erasure.objects.values_list("organisation", flat=True).get(pk=erasure)
    details = {"removed": len(removed), "kept": kept, "digest": digest_of(removed)}
    record(
        Kind.CONTENTS_REMOVED,
        actor=actor,
        organisation=organisation,
        about=("erasure", erasure),
        details=details,
    )


def discard_files() -> int:
    """Remove files of contents that were removed; how many. Raises `StoreAway`: they are asked for again."""
    filed = ErasureContent.objects.filter(outcome=Outcome.REMOVED).exclude(place="").order_by("settled_at")
    found = list(filed.values_list("pk", flat=True)[:FILES_AT_A_TIME])
    for each in found:
        _discard(each)
    return len(found)


def _discard(listed: UUID) -> None:
    """The file, unless a row says again that it is there: whoever stores it waits for this."""
    with transaction.atomic():
        each = (
            ErasureContent.objects.select_for_update(of=("self",)).select_related("artifact").get(pk=listed)
        )
        copies = each.artifact.copies().select_for_update().order_by("pk")
        places = list(copies.values_list("place", flat=True))
        if each.place and each.place not in places:
            discard(each.place)
        ErasureContent.objects.filter(pk=listed).update(place="")
