"""The form that makes an API token."""

from datetime import timedelta
from typing import Any

from django import forms

from governance.access.permissions import Scope
from governance.accounts.models import Organisation, Project, User
from governance.web.asset_forms import ProjectField

SCOPE_WORDS = {
    Scope.READ: "Read: runs, outputs, versions, releases and the ledger",
    Scope.RUNS_WRITE: "Start, resume and cancel runs",
    Scope.TRIGGERS_WRITE: "Open webhooks and save schedules: they go on in your name after the token",
    Scope.CATALOG_WRITE: "Write versions of prompts, models and workflows",
    Scope.RELEASES_WRITE: "Submit, activate and roll back releases",
}


class TokenForm(forms.Form):
    """A token reaches no further than the person, the organisation and, when chosen, one project."""

    name = forms.CharField(
        max_length=120, help_text="What will use it, for example “nightly complaints import”."
    )
    organisation = forms.ModelChoiceField(Organisation.objects.none(), empty_label=None)
    project = ProjectField(
        Project.objects.none(), required=False, empty_label="Every project that I reach there"
    )
    scopes = forms.MultipleChoiceField(
        label="What it may do",
        choices=[(scope.value, words) for scope, words in SCOPE_WORDS.items()],
        widget=forms.CheckboxSelectMultiple,
        help_text="No token can approve a release: a decision is made by a person at the browser.",
    )
    days = forms.IntegerField(label="Valid for, in days", min_value=1, max_value=365, initial=90)

    def __init__(self, *args: Any, actor: User, **options: Any) -> None:
        super().__init__(*args, **options)
        organisations, projects = self.fields["organisation"], self.fields["project"]
        if isinstance(organisations, forms.ModelChoiceField) and isinstance(projects, forms.ModelChoiceField):
            organisations.queryset = Organisation.objects.visible_to(actor)
            projects.queryset = Project.objects.visible_to(actor).select_related("organisation")

    def wanted(self) -> dict[str, Any]:
        """The cleaned input as `create_token` takes it."""
        given = self.cleaned_data
        return {
            "organisation": given["organisation"],
            "project": given["project"],
            "name": given["name"],
            "scopes": [Scope(scope) for scope in given["scopes"]],
            "life": timedelta(days=given["days"]),
        }
