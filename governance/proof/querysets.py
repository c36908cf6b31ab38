"""Reading logs and their checkpoints."""

from typing import TYPE_CHECKING, Final, Self
from uuid import UUID

from django.db import models

from governance.ledger.reaching import reached

if TYPE_CHECKING:
    from governance.ledger.services import Actor
    from governance.proof.models import Checkpoint, Freeze, Log

INSTALLATION: Final = UUID(int=0)  # the log of the events that are no organisation's


def logs_visible_to(actor: "Actor") -> frozenset[UUID]:
    """The logs of the organisations that the person reaches; the installation's own to who owns one."""
    found = reached(actor)
    return found.organisations | ({INSTALLATION} if found.owned else set())


class LogQuerySet(models.QuerySet["Log"]):
    """Questions about logs."""

    def visible_to(self, actor: "Actor") -> Self:
        """The logs whose checkpoints the person may see."""
        return self.filter(pk__in=logs_visible_to(actor))


class CheckpointQuerySet(models.QuerySet["Checkpoint"]):
    """Questions about checkpoints."""

    def visible_to(self, actor: "Actor") -> Self:
        """Those of the logs that the person may see."""
        return self.filter(log__in=logs_visible_to(actor))

    def of(self, log: UUID) -> Self:
        """Those of one log, the largest first."""
        return self.filter(log=log).order_by("-size")


class FreezeQuerySet(models.QuerySet["Freeze"]):
    """Questions about findings."""

    def visible_to(self, actor: "Actor") -> Self:
        """Those of the logs that the person may see, and those that concern all."""
        return self.filter(models.Q(log=None) | models.Q(log__in=logs_visible_to(actor)))

    def standing(self) -> Self:
        """Those that nobody has thawed."""
        return self.filter(thaw=None)
