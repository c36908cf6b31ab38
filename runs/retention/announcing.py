"""Finding contents whose time is over, run by run, and announcing that they will be removed."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Now
from django.utils import timezone

from governance.ledger.canonical import sha256_hex
from governance.ledger.kinds import Kind
from governance.ledger.services import Actor, record
from governance.prepared import rows
from runs.artifacts.models import Artifact
from runs.retention.models import FEWEST_DAYS, Erasure, ErasureContent, Rule, Walk

DUE: Final = (Path(__file__).parent / "sql" / "due.sql").read_bytes()
RUNS_AT_A_TIME: Final = 100
AGAIN_AFTER: Final = timedelta(hours=1)
BEFORE_ALL: Final = UUID(int=0)


def digest_of(sha256s: Sequence[str]) -> str:
    """Of a list of contents."""
    return sha256_hex("\n".join(sorted(sha256s)).encode())


@transaction.atomic
def walk_on(runs: int = RUNS_AT_A_TIME, *, actor: Actor) -> bool:
    """Look at the next runs; whether there are more. Whoever walks already is left alone.

    After the newest run it begins anew, an hour later: rules change, holds end, memory goes on. What is found
    is announced, each organisation's by itself, and recorded.
    """
    walk = Walk.objects.select_for_update(skip_locked=True).first()
    resting = walk is None or (walk.ended_at is not None and walk.ended_at > timezone.now() - AGAIN_AFTER)
    if walk is None or resting or not Rule.objects.counting().exclude(days=None).exists():
        return False
    found = rows(DUE, {"after": walk.after, "runs": runs, "days": FEWEST_DAYS})
    last = found[0].last
    due = sorted((row for row in found if row.id), key=lambda row: (row.organisation_id, row.id))
    for organisation, contents in groupby(due, key=lambda row: row.organisation_id):
        _announce(organisation, list(contents), actor)
    walk.after, walk.ended_at = (last, None) if last else (BEFORE_ALL, Now())
    walk.save()
    return last is not None


def _announce(organisation: UUID, contents: Sequence[Any], actor: Actor) -> None:
    erasure = Erasure.objects.create(
        organisation_id=organisation,
        contents=len(contents),
        digest=digest_of([row.sha256 for row in contents]),
        removes_from=timezone.now() + settings.RETENTION_NOTICE,
    )
    ErasureContent.objects.bulk_create(
        ErasureContent(
            erasure=erasure,
            artifact_id=row.id,
            classification=row.classification,
            rule_id=row.rule,
            place=row.place,
        )
        for row in contents
    )
    listed = erasure.listed.filter(artifact=OuterRef("pk")).values("pk")
    Artifact.objects.filter(pk__in=[row.id for row in contents]).update(pruned_by=Subquery(listed))
    details = {"contents": erasure.contents, "digest": erasure.digest}
    record(
        Kind.ERASURE_ANNOUNCED, actor=actor, organisation=organisation, about=("erasure", erasure.pk),
        details={**details, "removes_from": f"{erasure.removes_from:%Y-%m-%d %H:%M} UTC"},
    )  # fmt: skip
