"""Forms that submit a release and that go back to one."""

from typing import TYPE_CHECKING, Any

from django import forms

from governance.accounts.models import Organisation
from governance.releases.models import Environment

if TYPE_CHECKING:
    EnvironmentChoice = forms.ModelChoiceField[Environment]
else:
    EnvironmentChoice = forms.ModelChoiceField


class EnvironmentField(EnvironmentChoice):
    """Environments with what each of them asks for."""

    def label_from_instance(self, obj: Environment) -> str:
        """The name and the demand."""
        if obj.protected:
            return f"{obj.name}: protected, it needs an approval first"
        return f"{obj.name}: open, it can be put into effect at once"


class SubmitForm(forms.Form):
    """Where to, and what reviewers should know."""

    environment = EnvironmentField(
        Environment.objects.none(),
        empty_label=None,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one."},
    )
    notes = forms.CharField(
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What changed and why now. Those who decide read it.",
    )

    def __init__(self, *args: Any, organisation: Organisation, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["environment"]
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = Environment.objects.filter(organisation=organisation).order_by("rank")


class ReasonForm(forms.Form):
    """Why something is done."""

    reason = forms.CharField(
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="It is kept in the ledger and shown in the history of the release.",
    )
