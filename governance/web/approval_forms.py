"""The form of a decision."""

from django import forms

from governance.approvals.models import Vote
from governance.approvals.services import MEANINGS


class DecisionForm(forms.Form):
    """A decision with its meaning and reason, bound to the digest of what the person saw."""

    decision = forms.ChoiceField(
        label="Your decision",
        widget=forms.RadioSelect,
        choices=[(decision.value, f"{meaning}.") for decision, meaning in MEANINGS.items()],
        error_messages={"required": "Choose one of the two."},
    )
    reason = forms.CharField(
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="It is kept with your decision.",
        error_messages={"required": "Say why you decide so."},
    )
    digest = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def clean_decision(self) -> str:
        """As the vote's own value."""
        return Vote.Decision(self.cleaned_data["decision"]).value
