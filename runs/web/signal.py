"""Telling a run from its page what happened outside."""

from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from governance.access.gate import authorise
from governance.access.permissions import Permission
from governance.errors import Invalid
from governance.ledger.strict_json import read_json
from governance.web.acting import actor_of, posted
from governance.web.form_errors import put
from runs.durable.signal import awaited, send_signal
from runs.records.models import Run


class SignalForm(forms.Form):
    """A signal's name and payload. The key is made with the form: sending it twice tells it once."""

    name = forms.ChoiceField(label="What happened")
    payload = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text="JSON, which the run goes on with; nothing is an empty object.",
    )
    key = forms.CharField(max_length=80, widget=forms.HiddenInput)

    def __init__(self, *args: Any, names: list[str], now: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named: forms.ChoiceField = self.fields["name"]  # type: ignore[assignment]  # declared above
        named.choices = [(name, name) for name in names]
        named.initial = now
        self.fields["key"].initial = f"page-{uuid4()}"

    def value(self) -> Any:
        """The payload's value. Raises `Invalid` for what is no JSON."""
        try:
            return read_json(self.cleaned_data["payload"].strip() or "{}", what="The payload")
        except Invalid as problem:
            raise Invalid(problem.message, fields={"payload": problem.message}) from problem


@require_http_methods(["GET", "HEAD", "POST"])
def signal(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The form by itself, and what it sends."""
    actor = actor_of(request)
    runs = Run.objects.visible_to(actor).select_related("version__asset", "workflow", "project")
    found = get_object_or_404(runs, pk=pk)
    authorise(actor, Permission.OPERATE, project=found.project)
    form = SignalForm(posted(request), names=awaited(found))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            send_signal(found, actor=actor, name=given["name"], key=given["key"], payload=form.value())
        except Invalid as problem:
            put(form, problem)
        else:
            messages.success(request, f"The run is told that “{given['name']}” happened.")
            return redirect("runs:run", pk=pk)
    context = {"run": found, "form": form}
    return render(request, "runs/signal.html", context, status=400 if form.errors else 200)
