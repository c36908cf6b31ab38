"""What proves the ledger: its logs and their checkpoints, the keeper's rounds, and an event's own proof."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from governance.accounts.models import User
from governance.errors import WrongState
from governance.ledger.models import Event
from governance.merkle.note import parse
from governance.proof.completeness.asked import may_ask
from governance.proof.cosigned import attendance, cosigned_note, seen_by
from governance.proof.log_keys import name_of
from governance.proof.models import Checkpoint, Freeze, Log, LogKey, Verification
from governance.proof.proof_text import proof_text
from governance.proof.querysets import logs_visible_to
from governance.proof.reading import inclusion, latest_checkpoint, position_of
from governance.proof.sizes import size_of
from governance.proof.standing import standing
from governance.proof.verifying.handing_over import restores
from governance.proof.witnesses import witnesses
from governance.web.acting import actor_of, refuse_unknown

NOT_YET = "No checkpoint covers this entry yet. The ledger's keeper signs within seconds, where it runs."
ROUNDS_SHOWN = 10
CHECKPOINTS_SHOWN = 20


@require_safe
def proof(request: HttpRequest) -> HttpResponse:
    """The logs that the person may see, and how they stand."""
    actor = actor_of(request)
    refuse_unknown(request.GET)
    logs, reached = [*Log.objects.visible_to(actor)], logs_visible_to(actor)
    findings = [*Freeze.objects.visible_to(actor).select_related("thaw")]
    keys = [*LogKey.objects.filter(log__in=[log.pk for log in logs])]
    named = [key.event for key in keys] + [found.finding["event"] for found in findings]
    context = {
        "standing": standing(reached),
        "logs": [_log(log, keys, owned=may_ask(log.pk, actor)) for log in logs],
        "witnesses": witnesses(),
        "restores": [found for log in logs if len(_names(log, keys)) > 1 for found in restores(log.pk)],
        "findings": findings,
        "rounds": [_round(row, reached) for row in Verification.objects.all()[:ROUNDS_SHOWN]],
        "keys": keys,
        "open": _open(actor, named),
    }
    return render(request, "governance/proof.html", context)


def _names(log: Log, keys: Iterable[LogKey]) -> list[str]:
    """The log's names, the first first."""
    return [*dict.fromkeys(name_of(key) for key in keys if key.log == log.pk)] or [log.origin]


def _log(log: Log, keys: Iterable[LogKey], *, owned: bool) -> dict[str, Any]:
    """Its present name, how large it is, its last checkpoint, and what each witness saw of it last."""
    return {
        "owned": owned,
        "log": log,
        "name": _names(log, keys)[-1],
        "size": size_of(log.pk),
        "latest": latest_checkpoint(log.pk),
        "attendance": attendance(log.pk),
    }


def _open(actor: User, events: Iterable[UUID | str | None]) -> set[str]:
    """Those of the events whose own pages the person may open."""
    wanted = [event for event in events if event]
    return {
        str(pk) for pk in Event.objects.visible_to(actor).filter(pk__in=wanted).values_list("pk", flat=True)
    }


def _round(row: Verification, logs: frozenset[UUID]) -> dict[str, Any]:
    """A round as it concerns these logs: what was found in others is not told."""
    concerns = [found for found in row.findings if found["log"] is None or UUID(found["log"]) in logs]
    return {"at": row.at, "seconds": row.seconds, "holds": not concerns}


@require_safe
def checkpoint(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One checkpoint: its note as it was signed, and those around it."""
    found = get_object_or_404(Checkpoint.objects.visible_to(actor_of(request)), pk=pk)
    earlier = Checkpoint.objects.of(found.log).filter(size__lt=found.size)[:CHECKPOINTS_SHOWN]
    context = {
        "checkpoint": found,
        "origin": parse(bytes(found.note)).note.origin,
        "note": cosigned_note(found).decode(),
        "seen": seen_by(found),
        "witnesses": witnesses(),
        "root": bytes(found.root).hex(),
        "earlier": earlier,
    }
    return render(request, "governance/checkpoint.html", context)


@require_safe
def event_proof(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The proof that a checkpoint covers the event, to be taken away."""
    found = get_object_or_404(Event.objects.visible_to(actor_of(request)), pk=pk)
    position = position_of(found.pk)
    latest = latest_checkpoint(position.log) if position else None
    if position is None or latest is None or latest.size <= position.position:
        raise WrongState(NOT_YET)
    content = proof_text(inclusion(found.pk, latest), latest)
    headers = {"Content-Disposition": f'attachment; filename="{found.pk}.tlog-proof"'}
    return HttpResponse(content, content_type="text/plain; charset=utf-8", headers=headers)
