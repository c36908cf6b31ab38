"""Opening a recall, having it collected on, settling its cases and closing it."""

from collections.abc import Collection
from typing import Final

from django.db import transaction
from django.db.models.functions import Now

from governance.accounts.models import Project, User
from governance.errors import Invalid, WrongState
from governance.ledger.canonical import canonical, sha256_hex
from governance.ledger.kinds import Kind
from governance.ledger.services import record
from governance.ledger.text import printable, storable
from runs.recalls.announcing import announce_recall
from runs.recalls.models import Case, CaseNote, Recall
from runs.recalls.naming import Named
from runs.recalls.permission import authorise_recall

LONGEST_TITLE: Final = 200
LONGEST_REASON: Final = 2_000
LONGEST_NOTE: Final = 1_000
MOST_AT_ONCE: Final = 1_000
MOST_BUILDING: Final = 20


@transaction.atomic
def open_recall(project: Project, *, actor: User, about: Named, title: str, reason: str) -> Recall:
    """Collect everything of the project that relied on it, in the background, to be settled case by case.

    `about` is what `naming.named` found within the person's reach. Raises `NotVisible` or `NotAllowed` for
    who neither approves releases of the project nor owns it, `Invalid` for a title or a reason that is
    missing or a subject of another project, `WrongState` while too many others are being collected.
    """
    authorise_recall(actor, project=project)
    title = printable(title, field="title", longest=LONGEST_TITLE, missing="Give the recall a title.")
    reason = storable(reason, field="reason", longest=LONGEST_REASON, missing="Say what is wrong with it.")
    if about.project not in {None, project.pk}:
        raise Invalid("This belongs to another project.", fields={"project": "Choose its own project."})
    if Recall.objects.unfinished().filter(project=project).count() >= MOST_BUILDING:
        raise WrongState(f"{MOST_BUILDING} recalls of the project are being collected. Wait for one of them.")
    recall = Recall.objects.create(
        project=project, title=title, reason=reason, subject_kind=about.subject.kind.value,
        subject_key=about.subject.key, subject_name=about.name[:300], opened_by=actor,
        opened_by_name=actor.name,
    )  # fmt: skip
    details = {
        "subject_kind": about.subject.kind.value,
        "key": about.subject.key,
        "subject": about.name[:300],
    }
    _record(recall, Kind.RECALL_OPENED, actor, reason=reason, **details)
    transaction.on_commit(lambda: announce_recall(recall.pk))
    return recall


@transaction.atomic
def settle_cases(
    recall: Recall, *, actor: User, numbers: Collection[int], status: str, note: str
) -> list[CaseNote]:
    """Say what has become of these cases; what was said before stays, and the newest holds.

    All of them or none. Raises `NotVisible` or `NotAllowed` as `open_recall`, `Invalid` for a status or a
    number that is none and without a note where one is needed, `WrongState` for a closed recall.
    """
    recall = _locked(recall, actor)
    if status not in Case.Status.values:
        raise Invalid("There is no such status.", fields={"status": "Choose one of those listed."})
    missing = "Say what was done." if status in {Case.Status.CORRECTED, Case.Status.NO_ACTION} else ""
    note = storable(note, field="note", longest=LONGEST_NOTE, missing=missing)
    wanted = sorted(set(numbers))
    if not 0 < len(wanted) <= MOST_AT_ONCE:
        words = f"Choose a case, or up to {MOST_AT_ONCE:,} of them."
        raise Invalid(words, fields={"cases": words})
    cases = list(Case.objects.filter(recall=recall, number__in=wanted).order_by("number"))
    if len(cases) < len(wanted):
        raise Invalid("One of these is no case of the recall.", fields={"cases": "Choose them again."})
    notes = [CaseNote(case=case, status=status, note=note, by=actor, by_name=actor.name) for case in cases]
    CaseNote.objects.bulk_create(notes)
    steps = [str(case.step_id) for case in cases]
    _record(
        recall, Kind.CASE_SETTLED, actor, status=status, note=note, cases=len(cases), first=wanted[0],
        last=wanted[-1], steps_sha256=sha256_hex(canonical(steps)),
    )  # fmt: skip
    return notes


@transaction.atomic
def close_recall(recall: Recall, *, actor: User, conclusion: str) -> Recall:
    """End it with a conclusion, once every case is settled; one that was not collected also before.

    Raises `NotVisible` or `NotAllowed` as `open_recall`, `Invalid` without a conclusion, `WrongState` while
    it is being collected, for open cases of one that was collected, and for one that is closed.
    """
    recall = _locked(recall, actor)
    conclusion = storable(
        conclusion, field="conclusion", longest=LONGEST_REASON, missing="Say what came of it."
    )
    if recall.state == Recall.State.BUILDING:
        raise WrongState("It is still being collected. Wait until all is found.")
    given_up = recall.state == Recall.State.FAILED
    left = recall.cases.by_status().get(Case.Status.OPEN, 0)
    if left and not given_up:
        raise WrongState(f"{left:,} of its cases {'is' if left == 1 else 'are'} open. Settle them first.")
    recall.state, recall.conclusion = Recall.State.CLOSED, conclusion
    recall.closed_by_name = actor.name
    recall.closed_at = Now()
    recall.save(update_fields=["state", "conclusion", "closed_by_name", "closed_at"])
    recall.refresh_from_db(fields=["closed_at"])
    told = {"conclusion": conclusion, "cases": recall.found, "open": left, "collected": not given_up}
    _record(recall, Kind.RECALL_CLOSED, actor, **told)
    return recall


@transaction.atomic
def resume_recall(recall: Recall, *, actor: User, reason: str) -> Recall:
    """Have one that could not be collected collected on, from where it was left.

    Raises `NotVisible` or `NotAllowed` as `open_recall`, `Invalid` without a reason, `WrongState` where
    nothing failed.
    """
    recall = _locked(recall, actor)
    missing = "Say why it is worth another try."
    reason = storable(reason, field="reason", longest=LONGEST_REASON, missing=missing)
    if recall.state != Recall.State.FAILED:
        raise WrongState("Nothing has kept it from being collected.")
    recall.state, recall.failures, recall.failure = Recall.State.BUILDING, 0, ""
    recall.advanced_at = Now()
    recall.save(update_fields=["state", "failures", "failure", "advanced_at"])
    _record(recall, Kind.RECALL_RESUMED, actor, reason=reason, cases=recall.found)
    transaction.on_commit(lambda: announce_recall(recall.pk))
    return recall


def _locked(recall: Recall, actor: User) -> Recall:
    """The row, locked, and only then authorised for."""
    rows = Recall.objects.select_for_update(of=("self",)).select_related("project")
    recall = rows.get(pk=recall.pk)
    authorise_recall(actor, project=recall.project)
    if recall.state == Recall.State.CLOSED:
        raise WrongState("The recall is closed. Open another one where something is to be added.")
    return recall


def _record(recall: Recall, kind: Kind, actor: User, **details: object) -> None:
    record(
        kind,
        actor=actor,
        organisation=recall.project.organisation_id,
        about=("recall", recall.pk),
        details={"title": recall.title, **details},
    )
