"""The webhooks within reach, and opening one."""

from typing import Any, Final

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from governance.access.gate import reach
from governance.access.permissions import Permission
from governance.accounts.models import Project, User
from governance.errors import Invalid, NotAllowed, NotVisible, WrongState
from governance.web.acting import actor_of, posted, refuse_unknown
from governance.web.form_errors import put
from governance.web.paging import page_of
from runs.web.filters import Chip, most_narrowing
from runs.web.paging import with_parameters
from runs.web.webhook_forms import WebhookForm
from runs.web.webhook_snippets import snippets
from runs.webhooks.models import Webhook
from runs.webhooks.services import create_webhook

TONES: Final = {Webhook.State.ENABLED: "ok", Webhook.State.DISABLED: "hold", Webhook.State.RETIRED: "none"}


class WebhookFilters(forms.Form):
    """What the list can be narrowed by; all of it stands in the address."""

    project = forms.ModelChoiceField(Project.objects.none(), required=False, empty_label="Any")
    state = forms.ChoiceField(required=False, choices=[("", "Any but retired ones"), *Webhook.State.choices])

    def __init__(self, parameters: QueryDict, *, actor: User) -> None:
        super().__init__(parameters)
        chosen: forms.ModelChoiceField[Project] = self.fields["project"]  # type: ignore[assignment]
        chosen.queryset = Project.objects.visible_to(actor)


@require_safe
def webhook_list(request: HttpRequest) -> HttpResponse:
    """Each with where it leads, the last delivery, and what is in its way; retired ones when asked for."""
    actor = actor_of(request)
    refuse_unknown(request.GET, "project", "state")
    filters = WebhookFilters(request.GET, actor=actor)
    if not filters.is_valid():
        fields = {name: " ".join(map(str, errors)) for name, errors in filters.errors.items()}
        raise Invalid("The list cannot be narrowed like this.", fields=fields)
    asked = filters.cleaned_data
    rows = Webhook.objects.visible_to(actor).with_names().with_last_delivery()
    rows = rows.filter(state=asked["state"]) if asked["state"] else rows.exclude(state=Webhook.State.RETIRED)
    rows = rows.filter(project=asked["project"]) if asked["project"] else rows
    context = {
        "page": page_of(rows, request.GET),
        "filters": filters,
        "chips": _chips(asked, request.GET),
        "choose_project": most_narrowing(actor),
        "may_open": bool(reach(actor).projects(Permission.OPERATE)),
    }
    return render(request, "runs/webhooks/list.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def webhook_new(request: HttpRequest) -> HttpResponse:
    """The form; opening answers with the secret, this once, on a page that nothing keeps."""
    actor = actor_of(request)
    if not reach(actor).projects(Permission.OPERATE):
        raise NotAllowed(
            "This needs the permission “Start, resume and cancel runs”. A platform owner can grant it.",
            missing=Permission.OPERATE,
        )
    form = WebhookForm(posted(request), actor=actor)
    if request.method == "POST" and form.is_valid():
        made = _opened(form, actor)
        if made is not None:
            return secret_page(request, *made)
    return render(request, "runs/webhooks/new.html", {"form": form}, status=400 if form.errors else 200)


def secret_page(request: HttpRequest, webhook: Webhook, secret: str) -> HttpResponse:
    """A secret, this once, with what it takes to try it."""
    url = url_of(request, webhook)
    context = {"webhook": webhook, "secret": secret, "url": url}
    return render(
        request,
        "runs/webhooks/secret.html",
        {**context, "snippets": snippets(webhook, url=url, secret=secret)},
    )


def url_of(request: HttpRequest, webhook: Webhook) -> str:
    """Where others send to, as this request reached the portal."""
    return request.build_absolute_uri(f"/hooks/{webhook.address}")


def _opened(form: WebhookForm, actor: User) -> tuple[Webhook, str] | None:
    """The new webhook with its secret; nothing when it is refused, which the form then says."""
    try:
        wanted = form.wanted()
        return create_webhook(wanted["workflow"].project, actor=actor, **wanted)
    except (Invalid, WrongState) as problem:
        put(form, problem)
    except NotVisible:
        form.add_error("environment", "Choose an environment of the workflow's organisation.")
    return None


def _chips(asked: dict[str, Any], parameters: QueryDict) -> list[Chip]:
    words = {"project": asked["project"], "state": dict(Webhook.State.choices).get(asked["state"])}
    return [
        Chip(name.capitalize(), str(value), with_parameters(parameters, drop=name))
        for name, value in words.items()
        if value
    ]
