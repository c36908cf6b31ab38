"""Reading recalls and their cases, always through a person's reach."""

from datetime import timedelta
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Count, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce, Now

from governance.access.gate import reach
from governance.accounts.models import User

if TYPE_CHECKING:
    from runs.recalls.models import Case, Recall


class RecallQuerySet(models.QuerySet["Recall"]):
    """Questions about recalls."""

    def visible_to(self, actor: User) -> Self:
        """Recalls of the projects the person reaches."""
        return self.filter(project__in=reach(actor).projects())

    def unfinished(self) -> Self:
        """Those that are still being collected, the next first: what has failed waits for the others."""
        return self.filter(state="building").order_by("failures", "id")

    def left_for(self, time: timedelta) -> Self:
        """Of each project in which nothing was collected for so long, the next one."""
        building = self.unfinished()
        lately = building.filter(advanced_at__gte=Now() - time).order_by()
        left = building.exclude(project__in=lately.values("project"))
        return left.order_by("project_id", "failures", "id").distinct("project_id")


class CaseQuerySet(models.QuerySet["Case"]):
    """Questions about cases."""

    def visible_to(self, actor: User) -> Self:
        """Cases of the recalls the person may see."""
        return self.filter(recall__project__in=reach(actor).projects())

    def with_status(self) -> Self:
        """With `status`, `note`, `noted_by` and `noted_at` of the newest note; `open` without one."""
        notes = self.model._meta.get_field("notes").related_model._default_manager
        last = notes.filter(case=OuterRef("pk")).order_by("-id")
        return self.annotate(
            status=Coalesce(Subquery(last.values("status")[:1]), Value("open")),
            note=Coalesce(Subquery(last.values("note")[:1]), Value("")),
            noted_by=Coalesce(Subquery(last.values("by_name")[:1]), Value("")),
            noted_at=Subquery(last.values("at")[:1]),
        )

    def of_status(self, status: str) -> Self:
        """Those whose newest note says so."""
        return self.with_status().filter(status=status)

    def with_names(self) -> Self:
        """With what a list shows of the step and its run, in the same query, and none of the contents."""
        named = self.select_related("step__run__workflow", "step__run__environment", "step__output")
        return named.defer("step__output__inline")

    def by_status(self) -> dict[str, int]:
        """How many cases there are of each status."""
        rows = self.with_status().order_by()
        counted = rows.values("status").annotate(number=Count("pk"))  # type: ignore[misc]  # annotated
        return {str(row["status"]): int(row["number"]) for row in counted}
