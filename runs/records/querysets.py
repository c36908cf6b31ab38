"""Reading runs and steps, always through a person's reach: they inherit from their project."""

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Exists, OuterRef

from governance.access.gate import reach
from governance.accounts.models import User
from runs.records.used import NAME, WithParts

if TYPE_CHECKING:
    from runs.records.models import Run, RunInput, Step


class RunQuerySet(models.QuerySet["Run"]):
    """Questions about runs."""

    def visible_to(self, actor: User) -> Self:
        """Runs of the projects the person reaches."""
        return self.filter(project__in=reach(actor).projects())

    def whole(self) -> Self:
        """Runs that are no part of another."""
        return self.filter(parent=None)

    def with_names(self) -> Self:
        """With what a list shows of each, in the same query, and none of the contents behind the names.

        What its parts used is counted with it, see `used_of`.
        """
        named = self.select_related(
            "workflow", "version__asset", "release__workflow", "environment", "project"
        )
        return named.annotate(**{NAME: WithParts()}).defer("version__content", "release__closure")


class RunInputQuerySet(models.QuerySet["RunInput"]):
    """Questions about what runs were started with."""

    def visible_to(self, actor: User) -> Self:
        """Inputs of the runs the person may see."""
        return self.filter(run__project__in=reach(actor).projects())


class StepQuerySet(models.QuerySet["Step"]):
    """Questions about steps."""

    def standing(self) -> Self:
        """Steps that have succeeded, undo nothing and have not been undone."""
        undoing = self.model.objects.filter(
            run=OuterRef("run"), compensates=OuterRef("position"), state="succeeded"
        )
        return self.filter(~Exists(undoing), state="succeeded", compensates=None)

    def visible_to(self, actor: User) -> Self:
        """Steps of the runs the person may see."""
        return self.filter(run__project__in=reach(actor).projects())

    def with_names(self) -> Self:
        """With their versions' names and their outputs' digests, in the same query; none of the contents."""
        return self.with_contents().defer(
            "prompt_version__content", "model_version__content", "output__inline"
        )

    def with_contents(self) -> Self:
        """With their versions and outputs, whole: for the page of a single step."""
        return self.select_related("prompt_version__asset", "model_version__asset", "output")
