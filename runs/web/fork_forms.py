"""The form of a fork: where it begins, which other versions it uses, where it runs, and why."""

from collections.abc import Iterator
from typing import Any, Final
from uuid import UUID, uuid4

from django import forms

from governance.accounts.models import User
from governance.catalog.calls import LlmCall
from governance.catalog.models import Asset, Version
from governance.catalog.nodes import call_of
from governance.errors import Invalid
from governance.releases.models import Environment
from runs.durable.plans import Plan
from runs.records.models import Run
from runs.replay.asking import LONGEST_REASON
from runs.replay.fitting import alternatives, begins_of

KINDS: Final = (Asset.Kind.PROMPT, Asset.Kind.MODEL)
Chosen = dict[str, dict[str, Version]]


class ForkForm(forms.Form):
    """A select for each prompt and model that another version could stand in for; what was chosen stays."""

    position = forms.TypedChoiceField(
        label="Begin at",
        coerce=int,
        help_text="The steps before it are taken over as they were made. This one and those after it are "
        "executed anew.",
    )
    # Made once for each form that is handed out, so that sending it twice starts one run.
    key = forms.CharField(max_length=80, widget=forms.HiddenInput)

    def __init__(self, *args: Any, run: Run, plan: Plan, actor: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["key"].initial = f"page-{uuid4()}"
        self.versions: dict[str, tuple[str, str, dict[str, Version]]] = {}
        begins: forms.TypedChoiceField = self.fields["position"]  # type: ignore[assignment]  # declared above
        begins.choices = list(_steps_of(run, plan))
        for node, kind in _asked(plan):
            self._offer(node, kind, alternatives(run, plan, node, kind, actor), plan)
        self.fields["environment"] = _places(run, actor)
        self.fields["reason"] = forms.CharField(
            max_length=LONGEST_REASON,
            label="Why you fork it",
            error_messages={"required": "Say why you fork the run."},
        )

    def offered(self) -> list[forms.BoundField]:
        """The selects of other versions, in the order of the nodes."""
        return [self[name] for name in self.versions]

    def _offer(self, node: str, kind: str, found: list[Version], plan: Plan) -> None:
        pinned = (plan.prompts if kind == Asset.Kind.PROMPT else plan.models)[node].label
        if not found:
            return
        name = f"{kind}_{node}"
        self.versions[name] = (node, kind, {str(version.pk): version for version in found})
        choices = [("", f"{pinned}, as pinned")]
        choices += [(str(version.pk), _named(version)) for version in found]
        label = f"{Asset.Kind(kind).label} of {node}"
        self.fields[name] = forms.ChoiceField(label=label, choices=choices, required=False)

    def overrides(self) -> Chosen:
        """The versions that were chosen, as the service takes them."""
        found: Chosen = {}
        for name, (node, kind, versions) in self.versions.items():
            if picked := self.cleaned_data[name]:
                found.setdefault(node, {})[kind] = versions[picked]
        return found

    def place(self, run: Run, actor: User) -> Environment:
        """The environment that was chosen, which the form offers only as far as the person sees it."""
        wanted = UUID(self.cleaned_data["environment"])
        return run.environment if wanted == run.environment_id else _open(run, actor).get(pk=wanted)

    def refuse(self, problem: Invalid) -> None:
        """Show what the service refuses beside the field that it is about."""
        placed = False
        for name, reason in problem.fields.items():
            fields = [name] if name in self.fields else self._chosen_for(name)
            for field in fields:
                self.add_error(field, f"{reason[:1].upper()}{reason[1:]}")
                placed = True
        if not placed:
            self.add_error(None, problem.message)

    def _chosen_for(self, node: str) -> list[str]:
        offered = [name for name, (asked, _, _) in self.versions.items() if asked == node]
        return [name for name in offered if self.cleaned_data.get(name)]


def _steps_of(run: Run, plan: Plan) -> Iterator[tuple[int, str]]:
    for position, node, item in begins_of(run, plan):
        yield position, f"{position + 1}. {node}{'' if item is None else f', item {item + 1}'}"


def _asked(plan: Plan) -> Iterator[tuple[str, str]]:
    for node in plan.workflow.nodes:
        if isinstance(call_of(node), LlmCall):
            for kind in KINDS:
                yield node.key, kind


def _named(version: Version) -> str:
    return f"{version} · {version.message}" if version.message else str(version)


def _open(run: Run, actor: User) -> Any:
    """The environments in which nobody has to approve."""
    return Environment.objects.visible_to(actor).filter(organisation=run.organisation_id, protected=False)


def _places(run: Run, actor: User) -> forms.ChoiceField:
    """Where it can run: where the run did, and wherever nobody has to approve."""
    others = [place for place in _open(run, actor).order_by("rank") if place.pk != run.environment_id]
    own = run.environment
    said = f"{own.name}, which is protected" if own.protected else own.name
    choices = [(str(own.pk), f"{said} (where the run ran)")]
    choices += [(str(place.pk), place.name) for place in others]
    return forms.ChoiceField(
        choices=choices,
        initial=str(own.pk),
        help_text="Other versions are tried where nothing is protected; without any, a fork stays where the "
        "run ran.",
    )
