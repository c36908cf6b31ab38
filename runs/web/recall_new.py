"""Who relied on this: the newest outputs that did, and opening a recall of all of them."""

from typing import Any, Final
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from governance.access.gate import reach
from governance.accounts.models import Project, User
from governance.errors import Invalid
from governance.web.acting import actor_of, posted, refuse_unknown
from runs.lineage.forward import Relying, counted, first_page
from runs.recalls.naming import Named, named
from runs.recalls.permission import MAY
from runs.recalls.services import LONGEST_REASON, LONGEST_TITLE, open_recall
from runs.records.models import Step

SHOWN: Final = 20
COUNTED_TO: Final = 1_000


class RecallForm(forms.Form):
    """What the recall is called, why it is opened, and in which project."""

    title = forms.CharField(max_length=LONGEST_TITLE, help_text="What people will call it.")
    reason = forms.CharField(
        label="What is wrong with it", max_length=LONGEST_REASON, widget=forms.Textarea(attrs={"rows": 4})
    )
    project = forms.ModelChoiceField(Project.objects.none(), empty_label=None)

    def __init__(self, *args: Any, projects: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen: forms.ModelChoiceField[Project] = self.fields["project"]  # type: ignore[assignment]
        chosen.queryset = projects
        if len(projects) == 1:
            chosen.initial, chosen.widget = projects[0], forms.HiddenInput()


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """What relied on `?kind=` and `?key=`, for whoever reaches it; the form, for whoever may open recalls."""
    actor = actor_of(request)
    refuse_unknown(request.GET, "kind", "key")
    kind, key = request.GET.get("kind", ""), request.GET.get("key", "")
    if not kind and request.method != "POST":
        return render(request, "runs/recall_choose.html", {"people": _colleagues(actor)})
    about = _about(kind, key, actor)
    projects = _projects(about, actor)
    form = RecallForm(posted(request), projects=projects, initial={"title": f"Recall of {about.name}"[:200]})
    if request.method == "POST" and (form.is_valid() or not projects):
        project = form.cleaned_data["project"] if projects else _seen(about, actor)
        try:
            made = open_recall(
                project, actor=actor, about=about, title=form.cleaned_data.get("title", ""),
                reason=form.cleaned_data.get("reason", ""),
            )  # fmt: skip
        except Invalid as problem:
            for name, words in (problem.fields or {"": problem.message}).items():
                form.add_error(name if name in form.fields else None, words)
        else:
            messages.success(request, "The recall is open. What relied on it is being collected.")
            return redirect("runs:recall", pk=made.pk)
    context = {"about": about, "form": form if projects else None, **_relied(about, actor)}
    return render(request, "runs/recall_new.html", context, status=400 if form.errors and projects else 200)


def _about(kind: str, key: str, actor: User) -> Named:
    try:
        return named(kind, key, actor=actor)
    except Invalid as problem:
        raise BadRequest(problem.message) from problem


def _relied(about: Named, actor: User) -> dict[str, Any]:
    page = first_page(about.subject, actor=actor, most=SHOWN)
    number = counted(about.subject, actor=actor, most=COUNTED_TO)
    return {"steps": _steps(page.found[:SHOWN]), "number": number, "capped": number == COUNTED_TO}


def _steps(found: Any) -> list[Step]:
    wanted: list[Relying] = list(found)
    rows = Step.objects.with_names().select_related("run__workflow", "run__environment")
    known = rows.in_bulk([one.step for one in wanted])
    return [known[one.step] for one in wanted]


def _projects(about: Named, actor: User) -> Any:
    """Where the person may open a recall of it."""
    held: set[UUID] = set()
    for permission in MAY:
        held |= reach(actor).projects(permission)
    if about.project is not None:
        held &= {about.project}
    return Project.objects.filter(pk__in=held).order_by("slug")


def _seen(about: Named, actor: User) -> Project:
    """A project that the person sees and may open none in: the service says so."""
    seen = Project.objects.visible_to(actor)
    found = seen.filter(pk=about.project).first() if about.project else seen.first()
    if found is None:
        raise BadRequest("You see no project.")
    return found


def _colleagues(actor: User) -> Any:
    """Whose approvals can be asked about."""
    people = User.objects.filter(employer__in=reach(actor).organisations, kind=User.Kind.PERSON)
    return people.filter(votes__decision="approve").distinct().order_by("name")
