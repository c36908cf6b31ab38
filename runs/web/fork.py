"""Forking a run from its page: a new run that begins where this one stood."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from governance.access.gate import authorise
from governance.access.permissions import Permission
from governance.accounts.models import User
from governance.errors import DomainError, Invalid, NotAllowed, NotVisible, WrongState
from governance.releases.clearance import cleared
from governance.web.acting import actor_of, posted
from runs.durable.plans import plan_under
from runs.records.models import Run
from runs.replay.fork import fork_run
from runs.web.fork_forms import ForkForm

FROM = "from"


@require_http_methods(["GET", "HEAD", "POST"])
def fork(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Choose where it begins and what it uses instead, and see it run."""
    actor = actor_of(request)
    related = ("project", "release", "environment", "workflow", "version__asset")
    run = get_object_or_404(Run.objects.visible_to(actor).select_related(*related), pk=pk)
    authorise(actor, Permission.OPERATE, project=run.project)
    if run.parent_id is not None:
        raise WrongState("This run is a part of another one: fork that one.")
    plan = plan_under(cleared(run.release_id), run.version_id, {})
    begins = request.GET.get(FROM, "")
    form = ForkForm(posted(request), run=run, plan=plan, actor=actor, initial={"position": begins})
    if request.method == "POST" and form.is_valid():
        made = _forked(form, run, actor)
        if made is not None:
            messages.success(request, "The fork is queued. What it took over stands already.")
            return redirect("runs:run", pk=made.pk)
    context = {"run": run, "form": form}
    return render(request, "runs/fork.html", context, status=400 if form.errors else 200)


def _forked(form: ForkForm, run: Run, actor: User) -> Run | None:
    """The fork, or None with the reasons beside the form's fields."""
    given = form.cleaned_data
    try:
        made, _ = fork_run(
            run,
            actor=actor,
            position=given["position"],
            reason=given["reason"],
            overrides=form.overrides(),
            environment=form.place(run, actor),
            idempotency_key=given["key"],
        )
        return made
    except (NotVisible, NotAllowed):
        raise
    except Invalid as problem:
        form.refuse(problem)
    except DomainError as problem:  # a step that changes something outside, a release that may not run
        form.add_error(None, problem.message)
    return None
