"""Evidence from the portal: bundles, the policy that they are examined under, and verify.py."""

import json
from collections.abc import Callable
from typing import Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_safe

from governance.accounts.models import Organisation
from governance.errors import Invalid, NotVisible
from governance.ledger.kinds import Kind
from governance.ledger.models import Event
from governance.proof.models import Log
from governance.web.acting import actor_of, posted
from governance.web.form_errors import put
from governance.web.history import entries
from runs.evidence.assemble import assembled, digest_of_verifier
from runs.evidence.policy import policy_of
from runs.evidence.services import Bundle, make_bundle
from runs.evidence.subject import About, of_period, subject_of
from runs.web.evidence_forms import EvidenceForm, PeriodForm

MOST_HANDED_OUT: Final = 20
WORDS: Final = {About.OUTPUT: "this output", About.RUN: "this run", About.RELEASE: "this release"}


@require_http_methods(["GET", "HEAD", "POST"])
def evidence(request: HttpRequest) -> HttpResponse:
    """Evidence of a period; what bundles are examined with; which were handed out."""
    actor = actor_of(request)
    form = PeriodForm(posted(request), actor=actor)

    def made() -> Bundle:
        given = form.cleaned_data
        period = of_period(given["project"], first=given["first"], last=given["last"])
        return make_bundle(period, actor=actor, **form.asked())

    if (bundle := _made(form, made)) is not None:
        return _handed_out(bundle)
    signed = Log.objects.visible_to(actor).values("pk")
    handed_out = Event.objects.visible_to(actor).filter(kind=Kind.EVIDENCE_EXPORTED).order_by("-id")
    context = {
        "form": form,
        "verifier": digest_of_verifier(),
        "organisations": Organisation.objects.visible_to(actor).filter(pk__in=signed),
        "handed_out": entries(list(handed_out[:MOST_HANDED_OUT])),
    }
    return render(request, "runs/evidence.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def evidence_of(request: HttpRequest, kind: str, pk: UUID) -> HttpResponse:
    """A bundle of an output, a run or a release."""
    actor = actor_of(request)
    if kind not in WORDS:
        raise NotVisible("There is no evidence of this kind.")
    subject = subject_of(kind, pk, actor=actor)
    form = EvidenceForm(posted(request))
    bundle = _made(form, lambda: make_bundle(subject, actor=actor, **form.asked()))
    if bundle is not None:
        return _handed_out(bundle)
    context = {"form": form, "subject": subject, "words": WORDS[subject.kind]}
    return render(request, "runs/evidence_of.html", context, status=400 if form.errors else 200)


@require_safe
def verifier(request: HttpRequest) -> HttpResponse:
    """verify.py, byte for byte as its digest says."""
    return _file(assembled(), "verify.py", "text/x-python")


@require_safe
def policy(request: HttpRequest, organisation: str) -> HttpResponse:
    """Whom to trust for the evidence of an organisation."""
    reached = Organisation.objects.visible_to(actor_of(request))
    content = json.dumps(policy_of(get_object_or_404(reached, slug=organisation)), indent=1)
    return _file(content.encode(), f"policy-{organisation}.json", "application/json")


def _made(form: EvidenceForm, make: Callable[[], Bundle]) -> Bundle | None:
    """The bundle that was asked for, or None, with what is missing beside the form's fields."""
    if not form.is_bound or not form.is_valid():
        return None
    try:
        return make()
    except Invalid as problem:
        put(form, problem)
        return None


def _handed_out(bundle: Bundle) -> HttpResponse:
    response = _file(bundle.content, bundle.filename, "application/zip")
    response["X-Content-SHA256"] = bundle.sha256
    return response


def _file(content: bytes, name: str, kind: str) -> HttpResponse:
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "private, no-store",
    }
    return HttpResponse(content, content_type=kind, headers=headers)
