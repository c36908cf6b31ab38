"""One webhook: where it leads, what came, what was refused, and what its keepers do to it."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from governance.access.gate import reach
from governance.access.permissions import Permission
from governance.accounts.models import User
from governance.errors import Invalid
from governance.releases.models import Activation
from governance.web.acting import actor_of, refuse_unknown
from governance.web.history import history
from governance.web.paging import page_of
from runs.web.webhook_forms import RotateForm
from runs.web.webhook_list import TONES, secret_page, url_of
from runs.web.webhook_snippets import example_body, snippets
from runs.webhooks.models import Delivery, Refusal, Webhook, WebhookSecret
from runs.webhooks.rotating import adopt_webhook, end_earlier_secret, rotate_webhook
from runs.webhooks.services import disable_webhook, enable_webhook, rename_webhook, retire_webhook

DELIVERIES = 20


@require_safe
def webhook(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Its page."""
    actor = actor_of(request)
    refuse_unknown(request.GET)
    found = _found(actor, pk)
    deliveries = Delivery.objects.filter(webhook=found).select_related("run")
    url = url_of(request, found)
    context = {
        "webhook": found,
        "tone": TONES[Webhook.State(found.state)],
        "url": url,
        "body": example_body(found),
        "snippets": snippets(found, url=url),
        "released": Activation.objects.line(found.workflow, found.environment).exists(),
        "secrets": WebhookSecret.objects.filter(webhook=found).good(),
        "page": page_of(deliveries, request.GET, size=DELIVERIES),
        "refusals": _refusals(found),
        "days": Refusal.DAYS,
        "history": history(("webhook", found.pk), actor=actor, limit=12),
        **_may(found, actor),
    }
    return render(request, "runs/webhooks/webhook.html", context)


@never_cache
@require_POST
def rotate(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A new secret, on a page that nothing keeps."""
    actor = actor_of(request)
    found = _found(actor, pk)
    form = RotateForm(request.POST)
    if not form.is_valid():
        fields = {name: " ".join(map(str, errors)) for name, errors in form.errors.items()}
        raise Invalid("Choose for how long the secret until now stays good.", fields=fields)
    return secret_page(request, found, rotate_webhook(found, actor=actor, overlap=form.overlap()))


@require_POST
def end_secret(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The secret before the newest is good no more."""
    actor = actor_of(request)
    end_earlier_secret(_found(actor, pk), actor=actor)
    return _back(request, pk, "The earlier secret is ended: what it signs is refused from now on.")


@require_POST
def rename(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Call it something else."""
    actor = actor_of(request)
    renamed = rename_webhook(_found(actor, pk), actor=actor, name=request.POST.get("name", ""))
    return _back(request, pk, f"The webhook is called “{renamed.name}” now.")


@require_POST
def disable(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Shut it for a while."""
    actor = actor_of(request)
    disable_webhook(_found(actor, pk), actor=actor, reason=request.POST.get("reason", ""))
    return _back(request, pk, "The webhook is disabled: it answers as if it were not there.")


@require_POST
def enable(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Open it again."""
    actor = actor_of(request)
    enable_webhook(_found(actor, pk), actor=actor)
    return _back(request, pk, "The webhook is enabled: it takes deliveries again.")


@never_cache
@require_POST
def adopt(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Have it start runs in one's own name; its new secret, on a page that nothing keeps."""
    actor = actor_of(request)
    found = _found(actor, pk)
    return secret_page(request, found, adopt_webhook(found, actor=actor))


@require_POST
def retire(request: HttpRequest, pk: UUID) -> HttpResponse:
    """End it for good."""
    actor = actor_of(request)
    retire_webhook(_found(actor, pk), actor=actor, reason=request.POST.get("reason", ""))
    return _back(request, pk, "The webhook is retired. What it started stays.")


def _found(actor: User, pk: UUID) -> Webhook:
    return get_object_or_404(Webhook.objects.visible_to(actor).with_names(), pk=pk)


def _back(request: HttpRequest, pk: UUID, words: str) -> HttpResponse:
    messages.success(request, words)
    return redirect("runs:webhook", pk=pk)


def _may(found: Webhook, actor: User) -> dict[str, object]:
    """What this person may do to it now."""
    may = reach(actor).allows(Permission.OPERATE, found.project_id) and found.state != Webhook.State.RETIRED
    return {
        "may": may,
        "may_adopt": may and found.starter_id != actor.pk,
        "rotate_form": RotateForm() if may else None,
    }


def _refusals(found: Webhook) -> list[dict[str, object]]:
    """Each reason in words, with how often and when last."""
    rows = Refusal.objects.filter(webhook=found).by_reason()
    return [{**row, "words": Refusal.Reason(row["reason"]).label} for row in rows]
