"""Starting a run from the portal: first what and where, then the documents."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from governance.access.gate import reach
from governance.access.permissions import Permission
from governance.accounts.models import User
from governance.catalog.content import parsed
from governance.catalog.workflows import WorkflowContent
from governance.errors import Invalid, NotAllowed, NotVisible, WrongState
from governance.releases.models import Activation
from governance.web.acting import actor_of, uuid_or_none
from runs.durable.openings import NotOpen
from runs.durable.start import start_run
from runs.records.models import Run
from runs.web.start_forms import StartForm


@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """Choose a workflow that is in effect somewhere, hand in its inputs, and see it run."""
    actor = actor_of(request)
    startable = startable_by(actor)
    wanted = request.GET.get("activation", "")
    if not wanted and request.method != "POST":
        return render(request, "runs/start.html", {"startable": startable})
    activation = chosen_among(startable, uuid_or_none(wanted), actor)
    content = parsed(activation.release.version)
    if not isinstance(content, WorkflowContent):
        raise WrongState(f"{activation.release.version} is no workflow.")
    form = StartForm(request.POST or None, request.FILES or None, declared=content.inputs)
    if request.method == "POST" and form.is_valid():
        started = _started(form, activation, actor)
        if started is not None:
            return redirect("runs:run", pk=started.pk)
    context = {"activation": activation, "release": activation.release, "form": form}
    return render(request, "runs/start_form.html", context, status=400 if form.errors else 200)


def _started(form: StartForm, activation: Activation, actor: User) -> Run | None:
    """The run, or None with the reasons beside the form's fields."""
    try:
        run, _ = start_run(
            activation.workflow,
            actor=actor,
            environment=activation.environment,
            inputs=form.documents(),
            reference=form.cleaned_data["reference"],
            idempotency_key=form.cleaned_data["key"],
            origin=Run.Origin.PAGE,
        )
    except Invalid as problem:
        form.refuse(problem)
        return None
    except NotOpen as problem:  # what was typed stays, until it has been opened
        form.add_error(None, problem.message)
        return None
    return run


def startable_by(actor: User) -> list[Activation]:
    """What is in effect in the projects in which the person may start runs."""
    within = Activation.objects.filter(
        release__project__in=reach(actor).projects(Permission.OPERATE)
    ).in_effect()
    return sorted(within.with_names(), key=lambda found: (found.workflow.slug, -found.environment.rank))


def chosen_among(startable: list[Activation], wanted: UUID | None, actor: User) -> Activation:
    """The activation that the address names, among these. Raises what keeps it from being started."""
    found = next((activation for activation in startable if activation.pk == wanted), None)
    if found is not None:
        return found
    visible = Activation.objects.visible_to(actor).select_related("release__project")
    superseded = visible.filter(pk=wanted).first() if wanted is not None else None
    if superseded is None:
        raise NotVisible("There is no such release in effect.")
    if not reach(actor).allows(Permission.OPERATE, superseded.release.project_id):
        raise NotAllowed(
            "This needs the permission “Start, resume and cancel runs”. A platform owner can grant it.",
            missing=Permission.OPERATE,
        )
    raise WrongState("Another release has taken its place. Choose again what to start.")
