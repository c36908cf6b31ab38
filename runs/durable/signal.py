"""Telling a run what happened outside."""

import re
from collections.abc import Iterable
from typing import Any

from django.db import transaction

from governance.access.gate import authorise
from governance.access.permissions import Permission
from governance.accounts.models import User
from governance.catalog.content import parsed
from governance.catalog.workflows import WaitEventNode, WorkflowContent
from governance.errors import Invalid, WrongState
from governance.ledger.kinds import Kind
from governance.ledger.services import record
from governance.ledger.text import storable
from runs.artifacts.store import Ready, json_content, keep, ready
from runs.durable.machine import ENDED, State
from runs.durable.wake import wake
from runs.records.models import Run
from runs.signals.models import Signal

LARGEST_PAYLOAD = 1_000_000
LONGEST_KEY = 200
NAME = re.compile(r"[a-z][a-z0-9_.-]{0,79}")


def send_signal(run: Run, *, actor: User, name: str, key: str, payload: Any) -> tuple[Signal, bool]:
    """Tell the run; returns the signal, and whether it is new. It is kept until a step takes it.

    `payload` is any JSON value. A repeated key with the same payload returns the first signal. Raises
    `NotVisible` or `NotAllowed` without "Start, resume and cancel runs"; `Invalid` for a name that the
    workflow never waits for, or a key or payload that cannot be recorded; `WrongState` when the key was used
    for another payload, or the run has ended: then nothing is recorded.
    """
    key = storable(key, field="key", longest=LONGEST_KEY, missing="Give the signal a key of its own.")
    content = json_content(payload, max_bytes=LARGEST_PAYLOAD, what="The payload")
    found = ready([content], organisation=run.organisation_id)
    with transaction.atomic():
        return _told(run, actor=actor, name=name, key=key, payload=found)


def awaited(run: Run) -> list[str]:
    """The names of the signals that the run's workflow waits for anywhere."""
    content = parsed(run.version)
    nodes: Iterable[object] = content.nodes if isinstance(content, WorkflowContent) else ()
    return sorted({node.event for node in nodes if isinstance(node, WaitEventNode)})


def takes_signals(run: Run) -> bool:
    """Whether the run may still go forward, so that a signal can reach it."""
    return run.state not in ENDED and run.state != State.COMPENSATING


def _told(run: Run, *, actor: User, name: str, key: str, payload: list[Ready]) -> tuple[Signal, bool]:
    related = ("project", "version__asset")
    run = Run.objects.select_for_update(of=("self",)).select_related(*related).get(pk=run.pk)
    authorise(actor, Permission.OPERATE, project=run.project)
    _check_name(run, name)
    first = Signal.objects.filter(run=run, name=name, key=key).first()
    if first is not None:
        return _same(first, payload), False
    if not takes_signals(run):
        raise WrongState(f"This run takes no signals any more: it is {run.get_state_display().lower()}.")
    keep(payload, organisation=run.organisation_id)
    signal = Signal.objects.create(
        run=run, name=name, key=key, payload_id=payload[0].identifier, sender=actor, sender_name=actor.name
    )
    _record(signal, run, actor, payload[0].content.sha256)
    # What puts an attempt off, or waits for something else, is not cut short by it.
    if run.state != State.WAITING or run.waits_for == Run.WaitsFor.EVENT:
        wake([run.pk])
    return signal, True


def _check_name(run: Run, name: str) -> None:
    known = awaited(run)
    if not NAME.fullmatch(name) or name not in known:
        names = ", ".join(f"“{found}”" for found in known[:10]) or "none"
        words = f"The workflow waits for no signal of this name; it knows {names}."
        raise Invalid(words, fields={"name": words})


def _same(first: Signal, payload: list[Ready]) -> Signal:
    if first.payload_id != payload[0].identifier:
        raise WrongState("This key was used for a signal with another payload. Use a new key for a new one.")
    return first


def _record(signal: Signal, run: Run, actor: User, sha256: str) -> None:
    record(
        Kind.RUN_SIGNALLED,
        actor=actor,
        organisation=run.organisation_id,
        about=("run", run.pk),
        run=run.pk,
        details={
            "signal": str(signal.pk),
            "name": signal.name,
            "key": signal.key,
            "payload_sha256": sha256,
        },
    )
