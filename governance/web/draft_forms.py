"""The forms that write the next version: one for each kind of asset, each giving the draft as a value."""

from decimal import Decimal
from typing import Any, Protocol

from django import forms
from django.http import QueryDict

from governance.catalog.definition_text import read_definition
from governance.catalog.models import Asset, Version
from governance.errors import Invalid
from governance.web.json_text import written
from governance.web.prompt_forms import PromptDraft

MESSAGE: dict[str, Any] = {
    "label": "What changed, and why",
    "max_length": 400,
    "help_text": "Reviewers read this first. It is kept with the version for good.",
}


class Draft(Protocol):
    """A form of one kind's content."""

    errors_by_place: list[tuple[str, str]]

    def is_valid(self) -> bool: ...

    def content(self) -> dict[str, Any]: ...

    def refuse(self, problem: Invalid) -> None: ...


class MessageForm(forms.Form):
    """Why there is a new version."""

    message = forms.CharField(**MESSAGE)


class ModelDraft(forms.Form):
    """A model version as fields. Fractions stay text, so that the digest is exact."""

    provider = forms.CharField(
        max_length=40,
        initial="default",
        help_text="A name that the installation's settings map to an address; never the address itself.",
    )
    model = forms.CharField(max_length=200, help_text="As the provider calls it.")
    temperature = forms.DecimalField(min_value=Decimal(0), max_value=Decimal(2), initial=Decimal(0))
    top_p = forms.DecimalField(label="Top p", min_value=Decimal(0), max_value=Decimal(1), initial=Decimal(1))
    frequency_penalty = forms.DecimalField(
        min_value=Decimal(-2), max_value=Decimal(2), initial=Decimal(0), help_text="Above 0, less repetition."
    )
    max_tokens = forms.IntegerField(
        label="Longest answer, in tokens", min_value=1, max_value=100_000, initial=256
    )
    seed = forms.IntegerField(min_value=0, max_value=2**31 - 1, required=False)
    context_tokens = forms.IntegerField(
        label="Context, in tokens", min_value=1, max_value=10_000_000, initial=8192
    )
    weights_sha256 = forms.CharField(
        label="SHA-256 of the weights",
        required=False,
        max_length=64,
        widget=forms.TextInput(attrs={"class": "mono", "spellcheck": "false"}),
        help_text="64 hexadecimal digits, where the weights are yours. Runs then prove which file answered.",
    )
    licence = forms.CharField(max_length=200, required=False)
    errors_by_place: list[tuple[str, str]] = []

    def content(self) -> dict[str, Any]:
        """The draft."""
        given = self.cleaned_data
        parameters = {
            "temperature": str(given["temperature"]),
            "top_p": str(given["top_p"]),
            "frequency_penalty": str(given["frequency_penalty"]),
            "max_tokens": given["max_tokens"],
            "seed": given["seed"],
        }
        return {
            "provider": given["provider"],
            "model": given["model"],
            "parameters": parameters,
            "context_tokens": given["context_tokens"],
            "weights_sha256": given["weights_sha256"].strip().lower() or None,
            "licence": given["licence"],
        }

    def refuse(self, problem: Invalid) -> None:
        """Show what the service found wrong."""
        for place, reason in (problem.fields or {"": problem.message}).items():
            name = place.rpartition(".")[2]
            self.add_error(name if name in self.fields else None, reason)


class WorkflowDraft(forms.Form):
    """A workflow version as JSON or YAML text, with its pins written `name@number`."""

    text = forms.CharField(
        label="Definition",
        max_length=2_000_000,
        strip=False,
        widget=forms.Textarea(attrs={"class": "mono", "rows": 28, "spellcheck": "false", "wrap": "off"}),
        help_text="JSON or YAML. Pins are written name@number, for example complaint-reply@2.",
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.errors_by_place: list[tuple[str, str]] = []
        self._value: dict[str, Any] = {}

    def clean_text(self) -> str:
        """The text, once it has been read."""
        text: str = self.cleaned_data["text"]
        try:
            self._value = read_definition(text)
        except Invalid as problem:
            raise forms.ValidationError(problem.message) from problem
        return text

    def content(self) -> dict[str, Any]:
        """The draft."""
        return self._value

    def refuse(self, problem: Invalid) -> None:
        """Keep what is wrong by node, for the list beside the text."""
        self.errors_by_place = list(problem.fields.items())
        count = len(self.errors_by_place)
        many = (
            f"{count} place{'' if count == 1 else 's'} must be mended, see beside the text." if count else ""
        )
        self.add_error("text", many or problem.message)


def draft_form(asset: Asset, newest: Version | None, posted: QueryDict | None) -> Draft:
    """The form of the asset's kind, filled with the newest version where nothing was posted."""
    match asset.kind:
        case Asset.Kind.PROMPT:
            return PromptDraft(newest, posted)
        case Asset.Kind.MODEL:
            return ModelDraft(posted, initial=_model_initial(newest))
        case _:
            return WorkflowDraft(posted, initial={"text": written(newest)})


def _model_initial(newest: Version | None) -> dict[str, Any]:
    if newest is None:
        return {}
    document = newest.document
    return {**document, **document["parameters"]}
