"""Revealing masked contents to oneself: which, what for and why; then back to the page that masked them."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.defaultfilters import filesizeformat
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

from governance.accounts.models import User
from governance.errors import Invalid, NotVisible
from governance.web.acting import actor_of, chosen_uuid, posted, refuse_unknown, uuid_or_none
from governance.web.form_errors import put
from runs.artifacts.classes import class_words
from runs.artifacts.models import Artifact
from runs.lineage.classes import classes_of
from runs.lineage.models import Edge
from runs.lineage.visible import artifacts_visible_to
from runs.memory.abouts import about_entry
from runs.memory.models import Entry
from runs.reading.reading import session_of
from runs.reading.reasons import LONGEST_REASON
from runs.reading.revealing import MOST_AT_ONCE, REVEAL_PURPOSES, reveal
from runs.reading.services import About
from runs.records.models import RunInput

ASKED: Final = ("content", "also", "memory", "back")


class RevealForm(forms.Form):
    """Which contents, what for, and why."""

    contents = forms.MultipleChoiceField(
        label="What to reveal",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one."},
    )
    purpose = forms.ChoiceField(
        label="What you need it for",
        choices=[("", "Choose…"), *REVEAL_PURPOSES.items()],
        error_messages={"required": "Say what you need it for."},
    )
    reason = forms.CharField(
        label="Why",
        max_length=LONGEST_REASON,
        widget=forms.Textarea({"rows": 3}),
        help_text="At least ten letters. It stands in the ledger and in the log of readings, with your name.",
        error_messages={"required": "Say why it is needed."},
    )

    def __init__(self, *args: Any, choices: Mapping[str, str], **options: Any) -> None:
        super().__init__(*args, **options)
        wanted: forms.MultipleChoiceField = self.fields["contents"]  # type: ignore[assignment]  # declared above
        wanted.choices = list(choices.items())


@require_http_methods(["GET", "HEAD", "POST"])
def reveal_contents(request: HttpRequest) -> HttpResponse:
    """GET asks what for and why; POST reveals, for five minutes and to this person alone."""
    actor = actor_of(request)
    refuse_unknown(request.GET, *ASKED)
    found, of = _asked_for(request, actor)
    form = RevealForm(
        posted(request), choices=_choices(found, actor), initial={"contents": request.GET.getlist("content")}
    )
    back = _back(request)
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        chosen = [content for content in found if str(content.pk) in asked["contents"]]
        session = session_of(actor, request.session.session_key)
        why = {"purpose": asked["purpose"], "reason": asked["reason"]}
        try:
            reveal(chosen, actor=actor, session=session, of=of, **why)
        except Invalid as problem:
            put(form, problem)
        else:
            messages.success(request, "Revealed to you for five minutes, and recorded with your reason.")
            return redirect(back)
    context = {"form": form, "back": back}
    return render(request, "runs/reveal.html", context, status=400 if form.errors else 200)


def _asked_for(request: HttpRequest, actor: User) -> tuple[Sequence[Artifact], About | None]:
    """The contents within reach that the address names, and the remembered value whose they are.

    Raises `NotVisible` when one of them is none, or there is none.
    """
    named = [uuid_or_none(text) for name in ("content", "also") for text in request.GET.getlist(name)]
    wanted = list(dict.fromkeys(found for found in named if found))[:MOST_AT_ONCE]
    within, of = artifacts_visible_to(actor), None
    if entry := chosen_uuid(request.GET, "memory"):
        entries = Entry.objects.visible_to(actor).select_related("project", "environment", "step__run")
        remembered = get_object_or_404(entries, pk=entry)
        within = Artifact.objects.filter(pk__in=Entry.objects.of(remembered.place).values("artifact"))
        of = about_entry(remembered)
    found = {content.pk: content for content in within.filter(pk__in=wanted).defer("inline")}
    if not wanted or None in named or found.keys() != set(wanted):
        raise NotVisible("There is no such content.")
    return [found[pk] for pk in wanted], of


def _choices(contents: Sequence[Artifact], actor: User) -> dict[str, str]:
    """Each content in words: what it was, how protected and how large it is."""
    wanted = [content.pk for content in contents]
    names, levels = _names(wanted, actor), classes_of(wanted)
    said = {}
    for content in contents:
        facts = class_words(levels[content.pk]), content.media_type, filesizeformat(content.size)
        name = names.get(content.pk, "Content")
        said[str(content.pk)] = f"{name}: {', '.join(facts)}, {content.sha256[:12]}…"
    return said


def _names(contents: Sequence[UUID], actor: User) -> dict[UUID, str]:
    """What each was where it was used last within reach."""
    used = Edge.objects.visible_to(actor).filter(artifact__in=contents).exclude(role=Edge.Role.INPUT)
    made = used.order_by("artifact", "-id").distinct("artifact").select_related("step")
    names = {edge.artifact_id: f"{edge.get_role_display()} of {edge.step.node}" for edge in made}
    given = RunInput.objects.visible_to(actor).filter(artifact__in=contents)
    newest = given.order_by("artifact", "-id").distinct("artifact")
    return names | {found.artifact_id: found.filename or f"Input {found.name}" for found in newest}


def _back(request: HttpRequest) -> str:
    """The page to go back to, which is one of ours."""
    back = request.GET.get("back", "")
    ours = back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return back if ours else "/"
