"""The page of one task: what is asked, what it shows, and the decision."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from governance.access.refusing import repeated_refusals
from governance.accounts.models import User
from governance.errors import Invalid
from governance.web.acting import actor_of, posted
from governance.web.differences import compare, side_by_side
from governance.web.form_errors import put
from governance.web.history import history
from runs.artifacts.models import Artifact
from runs.artifacts.opening import ArtifactDamaged
from runs.durable.decide import decide
from runs.people.deciders import deciders_words
from runs.people.eligibility import asked_of, standing
from runs.people.models import Task
from runs.people.revealing import about_task, classes_in, reveal_to_decide, subject_in
from runs.people.subject import SUBJECT, subject_of
from runs.reading.reading import Reading, session_of
from runs.web.opened import opened
from runs.web.task_forms import TaskForm, written
from runs.web.task_list import outcome_of
from runs.web.texts import Shown, shown, value_at


@dataclass(frozen=True)
class Given:
    """Something that the task shows: its content, and the value itself where that is only a part of it."""

    name: str
    source: str
    classification: str
    content: Shown
    value: str | None

    @property
    def label(self) -> str:
        """Its name for people."""
        return "What it is about" if self.name == SUBJECT else self.name.replace("_", " ").capitalize()

    def get_classification_display(self) -> str:
        """As on a model's row."""
        return str(Artifact.Classification(self.classification).label)


@require_http_methods(["GET", "HEAD", "POST"])
def task(request: HttpRequest, pk: UUID) -> HttpResponse:
    """GET shows what is asked; POST decides it. GET never decides."""
    actor = actor_of(request)
    found = get_object_or_404(_within(actor), pk=pk)
    if request.method == "POST" and standing(found, actor) is None:
        # Whoever decides sees what they decide on, though the page was opened more than five minutes ago.
        _reveal(request, found)
    reading = opened(
        request, about_task(found), _wanted(found), purpose="the page of the task", used_as=classes_in(found)
    )
    original = _original(found, reading)
    form = TaskForm(posted(request), task=found, original=original)
    if request.method != "POST":
        return _page(request, found, form, reading)
    if form.is_valid():
        try:
            made = _decided(found, form, actor)
        except Invalid as problem:
            put(form, problem)
        else:
            word, _ = outcome_of(made)
            messages.success(request, f"Recorded: {word.lower()}. The run goes on.")
            return redirect(f"{reverse('runs:task', args=[pk])}#decision")
    return _page(request, found, form, reading, status=400)


@require_POST
def reveal_task(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Reveal what the task shows to whoever may decide it, with the task as the reason."""
    found = get_object_or_404(_within(actor_of(request)), pk=pk)
    _reveal(request, found)
    return redirect("runs:task", pk=pk)


def _reveal(request: HttpRequest, found: Task) -> None:
    actor = actor_of(request)
    session = session_of(actor, request.session.session_key)
    reveal_to_decide(found, actor=actor, session=session)


def _decided(found: Task, form: TaskForm, actor: User) -> Task:
    asked = form.cleaned_data
    return decide(found, actor=actor, decision=asked["decision"], reason=asked["reason"], value=form.value())


def _within(actor: User) -> Any:
    rows = Task.objects.visible_to(actor).with_names().timed()
    return rows.select_related("run__organisation", "edited").defer("edited__inline")


def _wanted(found: Task) -> list[UUID | None]:
    return [*(UUID(each["artifact"]) for each in found.shown), found.edited_id]


def _original(found: Task, reading: Reading) -> Any:
    """The subject of an edit; nothing when it was altered, which the page says where it is shown."""
    if found.kind != Task.Kind.EDIT or subject_in(found) in reading.masked:
        return None
    try:
        return subject_of(found, reading.bytes_of)
    except ArtifactDamaged:
        return None


def _page(
    request: HttpRequest, found: Task, form: TaskForm, reading: Reading, *, status: int = 200
) -> HttpResponse:
    actor = actor_of(request)
    obstacle = standing(found, actor)
    word, tone = outcome_of(found)
    given = _given(found, reading)
    subject = next((each for each in given if each.name == SUBJECT), None)
    edits = found.kind == Task.Kind.EDIT and found.state == Task.State.OPEN and obstacle is None
    context = {
        "task": found,
        "run": found.run,
        "word": word,
        "tone": tone,
        "asked_of": asked_of(found),
        "deciders": deciders_words(found) if found.state == Task.State.OPEN else "",
        "subject": subject,
        "edits": edits,
        "unseen": edits and subject is not None and subject.content.masked is not None,
        "deciding": found if obstacle is None else None,
        "given": [each for each in given if each.name != SUBJECT],
        "form": form,
        "obstacle": obstacle.sentence if obstacle else "",
        "pairs": _pairs(found, form.original, reading),
        "refusals": repeated_refusals(("task", found.pk)),
        "history": history(("task", found.pk), actor=actor, limit=12),
    }
    return render(request, "runs/task.html", context, status=status)


def _given(found: Task, reading: Reading) -> list[Given]:
    """What the task shows, in one query."""
    contents = Artifact.objects.in_bulk([UUID(each["artifact"]) for each in found.shown])
    made = []
    for each in found.shown:
        content = shown(contents[UUID(each["artifact"])], reading)
        value = value_at(content, each["source"])
        made.append(Given(each["name"], each["source"], each["classification"], content, value))
    return made


def _pairs(found: Task, original: Any, reading: Reading) -> Any:
    """The original beside the edit, line by line; nothing where nothing was edited."""
    if found.edited is None or original is None or found.edited_id in reading.masked:
        return None
    return side_by_side(compare(written(original), shown(found.edited, reading).text or ""))
