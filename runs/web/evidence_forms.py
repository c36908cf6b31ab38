"""What is asked before a bundle of evidence is made."""

from typing import Any, Final

from django import forms

from governance.accounts.models import Project, User
from governance.web.asset_forms import ProjectField
from runs.reading.reasons import LONGEST_REASON, PURPOSES

LONGEST_NOTE: Final = 16_384


class EvidenceForm(forms.Form):
    """What it is for, and which protected contents are to be in it."""

    purpose = forms.ChoiceField(label="What it is for", choices=[("", "Choose…"), *PURPOSES.items()])
    reason = forms.CharField(
        label="Why it is needed",
        max_length=LONGEST_REASON,
        widget=forms.Textarea({"rows": 3}),
        help_text="It stands in the bundle and in the ledger.",
    )
    reveal = forms.MultipleChoiceField(
        label="Contents to include besides public and internal ones",
        required=False,
        choices=[("confidential", "Confidential contents"), ("personal", "Personal data")],
        widget=forms.CheckboxSelectMultiple,
        help_text="Others are left out; their digests are in the bundle all the same, so that it holds.",
    )
    trusted = forms.CharField(
        label="A checkpoint that the reader holds",
        required=False,
        max_length=LONGEST_NOTE,
        strip=False,
        widget=forms.Textarea({"rows": 3, "spellcheck": "false"}),
        help_text="The file “checkpoint” of an earlier bundle. This one then shows that nothing before was "
        "changed.",
    )

    def asked(self) -> dict[str, Any]:
        """What was given, as `make_bundle` takes it."""
        given = self.cleaned_data
        return {name: given[name] for name in ("purpose", "reason", "reveal", "trusted")}


class PeriodForm(EvidenceForm):
    """The same for a project's log from one day to another."""

    project = ProjectField(Project.objects.none(), empty_label="Choose…")
    first = forms.DateField(label="From", widget=forms.DateInput({"type": "date"}), help_text="In UTC.")
    last = forms.DateField(label="To, this day included", widget=forms.DateInput({"type": "date"}))

    field_order = ("project", "first", "last")

    def __init__(self, *args: Any, actor: User, **options: Any) -> None:
        super().__init__(*args, **options)
        projects = self.fields["project"]
        if isinstance(projects, forms.ModelChoiceField):
            projects.queryset = Project.objects.visible_to(actor).select_related("organisation")
