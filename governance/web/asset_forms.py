"""The form that names a new prompt, model or workflow."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms

from governance.access.gate import reach
from governance.access.permissions import Permission
from governance.accounts.models import Project, User
from governance.catalog.models import Asset


@dataclass(frozen=True)
class KindWords:
    """How a kind of asset is spoken of, and its pages' names."""

    one: str
    many: str
    url_name: str
    icon: str
    lead: str
    why_empty: str


WORDS = {
    Asset.Kind.PROMPT: KindWords(
        "prompt",
        "Prompts",
        "governance:prompts",
        "message-2",
        "What the models are told. A version never changes once it is written: a new wording is a new one.",
        "A prompt is the text that a workflow sends to a model, with named places for what it is given.",
    ),
    Asset.Kind.MODEL: KindWords(
        "model",
        "Models",
        "governance:models",
        "cpu",
        "Which models may be called, with which parameters, down to the digest of weights of our own.",
        "A model version names the provider, the model and the parameters that it is called with.",
    ),
    Asset.Kind.WORKFLOW: KindWords(
        "workflow",
        "Workflows",
        "governance:workflows",
        "route",
        "The steps that a run takes. Each version pins exactly the prompts, models and workflows it uses.",
        "A workflow joins functions, calls, choices, waits and people into one graph that can be released.",
    ),
}


def kind_words(kind: Asset.Kind | str) -> KindWords:
    """The words for a kind."""
    return WORDS[Asset.Kind(kind)]


if TYPE_CHECKING:
    ProjectChoice = forms.ModelChoiceField[Project]
else:
    ProjectChoice = forms.ModelChoiceField


class ProjectField(ProjectChoice):
    """Projects by organisation and name."""

    def label_from_instance(self, obj: Project) -> str:
        """Both names."""
        return f"{obj.organisation.name} · {obj.name}"


class AssetForm(forms.Form):
    """The name that pins will carry, and what the thing is for."""

    project = ProjectField(Project.objects.none(), empty_label=None)
    slug = forms.CharField(
        label="Name",
        max_length=80,
        help_text="Letters, digits, hyphens and underscores, for example complaint-reply. It can never be "
        "changed, because workflows pin it by this name.",
    )
    purpose = forms.CharField(max_length=400, required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, actor: User, **options: Any) -> None:
        super().__init__(*args, **options)
        projects = Project.objects.with_ids(reach(actor).projects(Permission.AUTHOR)).select_related(
            "organisation"
        )
        field = self.fields["project"]
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = projects
