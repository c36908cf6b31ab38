"""The admin's pages of this package: services set prices and limits, runs and steps are to read."""

from typing import Any

from django import forms
from django.contrib import admin

from governance.accounts.models import Organisation
from governance.admin.gate import OwnerAdmin, ServiceAdmin, ServiceForm
from runs.costs.models import Price
from runs.costs.prices import set_price
from runs.durable.limits import set_limit
from runs.providers.models import Limit
from runs.records.models import Run, Step
from runs.records.weights import Weight


class NewPrice(ServiceForm):
    """What a model costs from a moment on."""

    organisation = forms.ModelChoiceField(Organisation.objects.none(), empty_label=None)
    provider = forms.CharField(max_length=40, initial="default")
    model = forms.CharField(max_length=200, help_text="As the model versions name it.")
    effective_from = forms.DateTimeField(
        help_text="UTC. Runs before this moment keep the price that held then."
    )
    input_per_million = forms.DecimalField(
        label="A million tokens in", min_value=0, max_digits=12, decimal_places=6
    )
    output_per_million = forms.DecimalField(
        label="A million tokens out", min_value=0, max_digits=12, decimal_places=6
    )
    currency = forms.CharField(max_length=3, initial="EUR")
    basis = forms.CharField(max_length=200, required=False, help_text="Where the price comes from.")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.offer("organisation", self.owned())

    def act(self) -> Price:
        """Set it."""
        return set_price(actor=self.actor, **self.cleaned_data)


@admin.register(Price)
class PriceAdmin(ServiceAdmin):
    """Prices by the day that they begin; a price is superseded, never changed."""

    list_display = (
        "provider",
        "model",
        "effective_from",
        "input_per_million",
        "output_per_million",
        "currency",
    )
    shown = (
        "organisation", "provider", "model", "effective_from", "input_per_million", "output_per_million",
        "currency", "basis",
    )  # fmt: skip
    add_form = NewPrice


class NewLimit(ServiceForm):
    """How much of a provider or an HTTP endpoint an organisation may ask for; given again, it changes."""

    organisation = forms.ModelChoiceField(Organisation.objects.none(), empty_label=None)
    kind = forms.ChoiceField(label="What it is", choices=Limit.Kind.choices)
    name = forms.CharField(max_length=40, initial="default", help_text="As the environment names it.")
    per_minute = forms.IntegerField(
        label="Calls in a minute",
        min_value=1,
        required=False,
        help_text="On average; after a rest a sixth of them may begin together. Empty: no limit.",
    )
    at_once = forms.IntegerField(
        label="Calls at the same time", min_value=1, required=False, help_text="Empty: no limit."
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.offer("organisation", self.owned())

    def act(self) -> Limit:
        """Set it."""
        return set_limit(actor=self.actor, **self.cleaned_data)


@admin.register(Limit)
class LimitAdmin(ServiceAdmin):
    """Limits at providers and endpoints, and until when one of them asked not to be asked."""

    list_display = ("kind", "name", "organisation", "per_minute", "at_once", "closed_until")
    list_select_related = ("organisation",)
    shown = ("organisation", "kind", "name", "per_minute", "at_once", "closed_until")
    add_form = NewLimit


@admin.register(Weight)
class WeightAdmin(OwnerAdmin):
    """What the own organisations weigh where it was set; `manage.py set_weight` sets it for all."""

    list_display = ("organisation", "weight")
    list_select_related = ("organisation",)
    shown = ("organisation", "weight")


@admin.register(Run)
class RunAdmin(OwnerAdmin):
    """Runs; started, resumed and cancelled on the portal's own pages."""

    list_display = ("id", "workflow", "environment", "state", "reference", "created_at")
    list_filter = ("state",)
    list_select_related = ("workflow", "environment")
    shown = (
        "id", "workflow", "version", "release", "environment", "closure_digest", "reference", "origin",
        "started_by_name", "state", "created_at", "started_at", "finished_at",
    )  # fmt: skip


@admin.register(Step)
class StepAdmin(OwnerAdmin):
    """Committed steps."""

    organisation_path = "run__organisation"
    list_display = ("node", "run", "position", "attempt", "state", "latency_ms")
    list_filter = ("state", "kind")
    shown = (
        "run", "node", "kind", "position", "attempt", "state", "prompt_version", "model_version", "tokens_in",
        "tokens_out", "cost", "started_at", "finished_at", "latency_ms",
    )  # fmt: skip
