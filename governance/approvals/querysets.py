"""Reading approval requests."""

from typing import TYPE_CHECKING, Self

from django.db import models

from governance.access.gate import reach
from governance.access.permissions import Permission
from governance.accounts.models import User

if TYPE_CHECKING:
    from governance.approvals.models import ApprovalRequest


class ApprovalRequestQuerySet(models.QuerySet["ApprovalRequest"]):
    """Questions about approval requests."""

    def visible_to(self, actor: User) -> Self:
        """Requests of the projects the person reaches."""
        return self.filter(project__in=reach(actor).projects())

    def waiting_for(self, actor: User) -> Self:
        """Open requests to which `eligibility.standing` finds no obstacle, asked of the database."""
        mine = self.filter(state=self.model.State.OPEN, project__in=reach(actor).projects(Permission.APPROVE))
        return mine.exclude(exclusions__person=actor).exclude(votes__person=actor)
