"""The `wait_event` node: waiting for a signal, whose payload is the output."""

from typing import cast

from governance.catalog.workflows import WaitEventNode
from runs.artifacts.opening import bytes_of
from runs.artifacts.store import Content, json_content
from runs.durable.failures import StepFailed
from runs.durable.inputs import Resolved
from runs.durable.outcomes import Outcome, Wait
from runs.durable.visits import Visit, classification_of
from runs.records.models import Run
from runs.signals.models import Signal
from runs.signals.taking import first_kept, take

LARGEST_NOTE = 1000


def receive(visit: Visit) -> Outcome | Wait:
    """Take the first signal of the name that came in time, else wait; after the time, go on or fail."""
    node = cast(WaitEventNode, visit.node)
    waited = visit.waited if visit.waited and visit.waited.what == Run.WaitsFor.EVENT else None
    # A run that was resumed after its time was over waits anew.
    until = waited.until if waited else None
    signal = first_kept(visit.held.run, node.event, until=until)
    if signal is not None:
        return _received(visit, signal)
    if waited is not None and waited.due:
        return _too_late(visit, node)
    seconds = None if until or node.timeout_s is None else float(node.timeout_s)
    return Wait(Run.WaitsFor.EVENT, seconds=seconds, until=until, about={"event": node.event})


def _received(visit: Visit, signal: Signal) -> Outcome:
    output = Content(bytes_of(signal.payload), signal.payload.media_type)
    level = classification_of(visit)
    read = Resolved("signal", f"signal:{signal.name}", signal.payload_id, None, level)
    return Outcome(
        kind="wait_event",
        inputs=[read],
        output=output,
        classification=level,
        facts={
            "signal": str(signal.pk),
            "event": signal.name,
            "key": signal.key,
            "sender": signal.sender_name,
            "at": signal.at.isoformat(),
        },
        consumed=lambda step: take(signal, step=step),
    )


def _too_late(visit: Visit, node: WaitEventNode) -> Outcome:
    if node.on_timeout is None:
        raise StepFailed(
            "event_timed_out",
            "The signal did not come in time",
            f"No “{node.event}” came within {node.timeout_s:,} seconds. Find out why it was not sent; "
            "a resumed run waits for it anew.",
            final=True,
        )
    return Outcome(
        kind="wait_event",
        output=json_content({"timed_out": True, "event": node.event}, max_bytes=LARGEST_NOTE, what="It"),
        classification=classification_of(visit),
        chosen=node.on_timeout,
        labels={"chosen": node.on_timeout},
    )
