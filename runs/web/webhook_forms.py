"""The forms of webhooks: opening one, and making a new secret."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django import forms

from governance.access.gate import reach
from governance.access.permissions import Permission
from governance.accounts.models import User
from governance.catalog.models import Asset
from governance.errors import Invalid
from governance.releases.models import Activation, Environment
from runs.webhooks.inputs import declared_inputs

MEMBERS, WHOLE = "members", "whole"

if TYPE_CHECKING:
    WorkflowChoice = forms.ModelChoiceField[Asset]
else:
    WorkflowChoice = forms.ModelChoiceField


class WorkflowField(WorkflowChoice):
    """Workflows by project and name."""

    def label_from_instance(self, obj: Asset) -> str:
        """Both names."""
        return f"{obj.project.name} · {obj.slug}"


class WebhookForm(forms.Form):
    """What is to be started, where, and what a delivery gives it."""

    name = forms.CharField(max_length=120, help_text="Who or what will send to it, for example “Post room”.")
    workflow = WorkflowField(
        Asset.objects.none(), empty_label=None, help_text="A delivery starts whichever release is in effect."
    )
    environment = forms.ModelChoiceField(Environment.objects.none(), empty_label=None)
    takes = forms.ChoiceField(
        label="What the body of a delivery is",
        initial=MEMBERS,
        widget=forms.RadioSelect,
        choices=[
            (MEMBERS, "An object whose members are the inputs of the workflow, by their names"),
            (WHOLE, "The one input of the workflow, whole, whatever JSON it is"),
        ],
    )

    def __init__(self, *args: Any, actor: User, **options: Any) -> None:
        super().__init__(*args, **options)
        workflows: forms.ModelChoiceField[Asset] = self.fields["workflow"]  # type: ignore[assignment]
        places: forms.ModelChoiceField[Environment] = self.fields["environment"]  # type: ignore[assignment]
        within = Asset.objects.filter(project__in=reach(actor).projects(Permission.OPERATE))
        workflows.queryset = (
            within.of_kind(Asset.Kind.WORKFLOW).select_related("project").order_by("project__name", "slug")
        )
        places.queryset = Environment.objects.visible_to(actor).order_by("organisation", "rank")
        self._propose(actor)

    def _propose(self, actor: User) -> None:
        """What is in effect in the last environment that anything is, so that a delivery starts something."""
        projects = reach(actor).projects(Permission.OPERATE)
        startable = Activation.objects.filter(release__project__in=projects).in_effect()
        found = (
            startable.select_related("environment").order_by("-environment__rank", "workflow__slug").first()
        )
        if found is not None:
            self.initial = {
                "workflow": found.workflow_id,
                "environment": found.environment_id,
                **self.initial,
            }

    def wanted(self) -> dict[str, Any]:
        """The cleaned input as `create_webhook` takes it, but for the project.

        Raises `Invalid` where the body cannot be the one input of the workflow.
        """
        given = self.cleaned_data
        into = _the_one_input(given["workflow"], given["environment"]) if given["takes"] == WHOLE else ""
        return {
            "name": given["name"],
            "workflow": given["workflow"],
            "environment": given["environment"],
            "into": into,
        }


class RotateForm(forms.Form):
    """How long the earlier secret stays good."""

    hours = forms.TypedChoiceField(
        label="The secret until now stays good for",
        coerce=int,
        initial=24,
        choices=[(0, "no longer: it ends at once"), (1, "1 hour"), (24, "24 hours"), (168, "7 days")],
    )

    def overlap(self) -> timedelta:
        """As `rotate_webhook` takes it."""
        return timedelta(hours=self.cleaned_data["hours"])


def _the_one_input(workflow: Asset, environment: Environment) -> str:
    declared = declared_inputs(workflow, environment) or ()
    if len(declared) != 1:
        names = ", ".join(f"“{found.name}”" for found in declared) or "no version yet, so no inputs"
        reason = f"The body can be the one input only where there is one. This workflow has {names}."
        raise Invalid(reason, fields={"takes": reason})
    return declared[0].name
