"""Finding contents whose time is over, run by run, and announcing that they will be removed."""

import logging
from collections.abc import Iterable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, OperationalError, transaction
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Now
from django.utils import timezone

from governance.ledger.canonical import sha256_hex
from governance.ledger.kinds import Kind
from governance.ledger.services import Actor, record
from governance.prepared import TooSlow, rows_within
from runs.artifacts.models import Artifact
from runs.retention.asking import SECONDS, Round, rows_due
from runs.retention.models import FEWEST_DAYS, Erasure, ErasureContent, Rule, Walk

LOOKED: Final = (Path(__file__).parent / "sql" / "looked.sql").read_bytes()
RUNS_AT_A_TIME: Final = 100
AGAIN_AFTER: Final = timedelta(hours=1)
BEFORE_ALL: Final = UUID(int=0)
log = logging.getLogger(__name__)


def digest_of(sha256s: Sequence[str]) -> str:
    """Of a list of contents."""
    return sha256_hex("\n".join(sorted(sha256s)).encode())


@transaction.atomic
def walk_on(runs: int = RUNS_AT_A_TIME, *, actor: Actor, within: Round | None = None) -> bool:
    """Look at the next runs; whether there are more. Whoever walks already is left alone.

    After the newest run it begins anew, an hour later: rules change, holds end, memory goes on. What is found
    is announced, each organisation's by itself, and recorded. A pass ends after some seconds wherever it is.
    """
    walk = Walk.objects.select_for_update(skip_locked=True).first()
    resting = walk is None or (walk.ended_at is not None and walk.ended_at > timezone.now() - AGAIN_AFTER)
    if walk is None or resting or not (ruled := Rule.objects.removing()):
        return False
    values = {"after": walk.after, "runs": runs, "days": FEWEST_DAYS, "ruled": ruled}
    seen = rows_within(SECONDS, LOOKED, values)
    after, found = _found(seen, within or Round())
    for organisation in sorted({row.organisation_id for row in found}):
        contents = [row.id for row in found if row.organisation_id == organisation]
        announce(organisation, contents=contents, actor=actor)
    walk.after, walk.ended_at = (after or walk.after, None) if seen else (BEFORE_ALL, Now())
    walk.save()
    return bool(seen)


def _found(seen: Iterable[Any], within: Round) -> tuple[UUID | None, list[Any]]:
    """The last run of which all was asked about, and what is to be removed."""
    after: UUID | None = None
    found: dict[UUID, Any] = {}
    asked: set[UUID] = set()
    within.begin()
    for run in seen:
        contents = [content for content in run.contents or () if content not in asked]
        due, whole = within.due(contents)
        found |= {row.id: row for row in due}
        asked.update(contents)
        if not whole:
            break
        after = run.run
        if within.late():
            break
    return after, list(found.values())


def announce(organisation: UUID, *, contents: Sequence[UUID], actor: Actor) -> None:
    """Announce those of these contents that nothing keeps even now that nobody else can use them.

    What somebody is at in this moment, and what the database keeps after all, comes in the next round.
    """
    try:
        with transaction.atomic():
            mine = Artifact.objects.filter(pk__in=contents, pruned_by=None).order_by("pk")
            locked = list(mine.select_for_update(skip_locked=True).values_list("pk", flat=True))
            if due := rows_due(locked, SECONDS):
                _announce(organisation, due, actor)
    except (TooSlow, IntegrityError, OperationalError):
        log.warning("the removal of %s contents could not be announced", len(contents), exc_info=True)


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
