"""Rules, holds, runs that ended long ago, and the sweeper that looks at them."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from governance.releases.models import Release
from runs.artifacts.models import Artifact
from runs.durable.actors import sweeper
from runs.lineage.bulk import import_runs
from runs.records.models import Run
from runs.retention.announcing import walk_on
from runs.retention.holds import place_hold
from runs.retention.models import FEWEST_DAYS, Erasure, Hold, Walk
from runs.retention.removing import discard_files, remove_due
from runs.retention.rules import set_rule
from runs.retention.scopes import Scope, about_of
from tests.factories.cast import Company
from tests.factories.imports import imported_run, lines_of
from tests.factories.runs import chain, released
from tests.harness.fresh import FreshDatabase

WHY = "Nobody asks for them after that."
CLASSES = ("internal", "confidential", "personal")


def keep_for(company: Company, *classes: str, days: int | None = FEWEST_DAYS) -> None:
    """A rule for each of these classes, or for all that imported runs have."""
    for classification in classes or CLASSES:
        set_rule(
            company.organisation, actor=company.owner, classification=classification, days=days, reason=WHY
        )


def old_run(company: Company, release: Release, number: int = 1, **more: Any) -> Run:
    """A run of two steps that ended years ago."""
    lines = lines_of(imported_run(release, number, **more))
    import_runs(company.project, actor=company.owner, lines=lines, reason="From the old system.")
    return Run.objects.get(reference=f"OLD-{number}")


def held(company: Company, run: Run) -> Hold:
    """A hold on the run."""
    about = about_of(Scope.RUN, str(run.pk), actor=company.owner)
    return place_hold(about, actor=company.owner, reason="A complaint is before the court.")


def announced() -> list[Erasure]:
    """What one walk through all runs announces, the oldest first."""
    known = {found.pk for found in Erasure.objects.all()}
    Walk.objects.update(ended_at=timezone.now() - timedelta(days=1))
    while walk_on(actor=sweeper()):
        pass
    return list(Erasure.objects.exclude(pk__in=known).order_by("at", "pk"))


def removed() -> int:
    """How many contents were settled of what is due, their files gone."""
    done = 0
    while (erasure := Erasure.objects.due().first()) is not None:
        if not (settled := remove_due(erasure, actor=sweeper())):
            break
        done += settled
    while discard_files():
        pass
    return done


def contents_of(run: Run) -> list[Artifact]:
    """What it was given and made."""
    given = Artifact.objects.filter(pk__in=run.inputs.values("artifact"))
    made = Artifact.objects.filter(pk__in=run.steps.values("output"))
    return sorted(given | made, key=lambda found: found.sha256)


def aged(fresh: FreshDatabase, run: Run) -> None:
    """As if the run had ended a year ago, by whoever owns the tables."""
    with fresh.connect("owner") as owner:
        owner.execute("ALTER TABLE runs_run DISABLE TRIGGER guard_run")
        owner.execute(
            "UPDATE runs_run SET finished_at = finished_at - interval '1 year' WHERE id = %s", [run.pk]
        )
        owner.execute("ALTER TABLE runs_run ENABLE ALWAYS TRIGGER guard_run")


def some_announced(company: Company) -> Erasure:
    """Contents of a run that ended years ago; they are to be removed in a week."""
    old_run(company, released(company, chain(2)))
    keep_for(company, "internal")
    return announced()[0]


def a_hold(run: Run) -> dict[str, str]:
    """What a program sends to have it held."""
    return {"project": run.project.slug, "scope": "run", "key": str(run.pk), "reason": "A complaint."}
