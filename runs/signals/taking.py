"""Taking a signal out of those that a run has been told, with the step that it makes go on."""

from datetime import datetime
from uuid import UUID

from runs.signals.models import Signal, Taking


def first_kept(run: UUID, name: str, *, until: datetime | None = None) -> Signal | None:
    """The first signal of this name that no step has taken, of those that came by then."""
    found = Signal.objects.filter(run=run, name=name).kept()
    if until is not None:
        found = found.filter(at__lte=until)
    return found.select_related("payload").order_by("id").first()


def take(signal: Signal, *, step: UUID) -> None:
    """In the transaction that commits the step: the signal is its own. Nobody can take it again."""
    Taking(signal=signal, step_id=step).save(force_insert=True)
