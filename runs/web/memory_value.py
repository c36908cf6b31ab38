"""One version of one remembered value: what it says, what it changed, who wrote it and which runs read it."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from governance.access.gate import reach
from governance.access.permissions import Permission
from governance.accounts.models import User
from governance.web.acting import actor_of, refuse_unknown
from governance.web.differences import Difference, compare
from governance.web.history import Entry as Told
from governance.web.history import history
from governance.web.paging import page_of
from runs.artifacts.classes import class_words
from runs.artifacts.download import DOWNLOADED, inert_headers
from runs.artifacts.opening import Beginning
from runs.artifacts.store import OCTETS
from runs.memory.abouts import about_entry, classes_in
from runs.memory.models import Entry
from runs.memory.reading import reads_of
from runs.memory.services import revert_entry
from runs.reading.models import Ticket
from runs.reading.reading import Reading
from runs.records.models import Run
from runs.web.memory import AS_OF, AsOf, as_of_in
from runs.web.memory_standing import Standing, standing_of
from runs.web.opened import opened
from runs.web.paging import MOST_COUNTED, counted
from runs.web.texts import Shown, shown

MOST_READERS: Final = 20
MOST_TOLD: Final = 5
VERSIONS: Final = 10
SHORT: Final = 160
BEGINNING: Final = 400  # bytes


@dataclass(frozen=True)
class VersionRow:
    """A version in the list of all: how it begins, or why that is not shown."""

    entry: Entry
    words: str
    intact: bool
    masked: str = ""


@require_safe
def value(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The page of a version, with all the others of its value; with `?download` the bytes themselves."""
    actor = actor_of(request)
    rows = (
        Entry.objects.visible_to(actor)
        .select_related("step__run__workflow", "restores", "artifact")
        .defer("artifact__inline")
    )
    entry = get_object_or_404(rows.select_related("project", "environment"), pk=pk)
    refuse_unknown(request.GET, "download", AS_OF)
    if "download" in request.GET:
        headers = inert_headers(entry.artifact, f"{entry.namespace}-{entry.key}-{entry.number}")
        about, kind, own = about_entry(entry), Ticket.Kind.EXPORTED, classes_in([entry])
        taken = opened(request, about, [entry.artifact_id], purpose="a file", kind=kind, used_as=own)
        return HttpResponse(taken.whole(entry.artifact), content_type=DOWNLOADED, headers=headers)
    as_of = as_of_in(request.GET, actor)
    versions = Entry.objects.of(entry.place)
    if as_of is not None:
        versions = versions.within(as_of.run.project_id, as_of.run.memory_of).as_of(as_of.sequence)
    page = page_of(versions.with_writers(), request.GET, size=VERSIONS)
    before, listed = _before(entry), [version.artifact_id for version in page.rows]
    wanted = [entry.artifact_id, *listed, before.artifact_id if before else None]
    levels = classes_in([entry, *page.rows, *([before] if before else [])])
    purpose = "the page of the remembered value"
    reading = opened(request, about_entry(entry), wanted, purpose=purpose, used_as=levels)
    standing = standing_of(entry)
    content, beginnings = shown(entry.artifact, reading), reading.beginnings(listed, BEGINNING)
    context = {
        "entry": entry,
        "standing": standing,
        "content": content,
        "before": before,
        "difference": _difference(before, content, reading),
        **_readers(entry, actor),
        "page": page,
        "masked": not reading.masked.keys().isdisjoint({entry.artifact_id, before and before.artifact_id}),
        "versions": [_row(version, beginnings.get(version.artifact_id), reading) for version in page.rows],
        "as_of": as_of,
        "held": _held(versions, as_of),
        "may_revert": _may_revert(entry, actor),
        "history": _history(standing, actor),
    }
    return render(request, "runs/memory_value.html", context)


@require_POST
def revert(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Have this version hold again, with a reason."""
    actor = actor_of(request)
    entry = get_object_or_404(Entry.objects.visible_to(actor), pk=pk)
    made = revert_entry(entry, actor=actor, reason=request.POST.get("reason", ""))
    messages.success(request, f"What version {entry.number} says holds again, as version {made.number}.")
    return redirect("runs:memory-value", pk=made.pk)


def _before(entry: Entry) -> Entry | None:
    """The version before it."""
    rows = Entry.objects.of(entry.place).select_related("artifact").defer("artifact__inline")
    return rows.filter(number=entry.number - 1).first()


def _difference(before: Entry | None, content: Shown, reading: Reading) -> Difference | None:
    """What the version changed, by words; nothing where one of the two cannot be shown."""
    if before is None or content.text is None:
        return None
    earlier = shown(before.artifact, reading)
    return None if earlier.text is None else compare(earlier.text, content.text)


def _readers(entry: Entry, actor: User) -> dict[str, object]:
    """The newest runs within reach that read the version, and how many there are."""
    reading = reads_of(entry, actor=actor).values("step__run")
    runs = Run.objects.visible_to(actor).filter(pk__in=reading)
    count = counted(runs)
    newest = runs.select_related("workflow").order_by("-id")[:MOST_READERS]
    return {"readers": newest, "read_by": count, "capped": count > MOST_COUNTED, "most": MOST_COUNTED}


def _history(standing: Standing, actor: User) -> list[Told]:
    """What is recorded of the version, of what took its place, and of going back to it."""
    about = [standing.entry, *standing.again, *([standing.following] if standing.following else [])]
    return history(*(("memory", entry.pk) for entry in about), actor=actor, limit=MOST_TOLD)


def _held(versions: object, as_of: AsOf | None) -> Entry | None:
    """The version that the run saw."""
    found: Entry | None = versions.first() if as_of is not None else None  # type: ignore[attr-defined]
    return found


def _may_revert(entry: Entry, actor: User) -> bool:
    """Whether going back to it means anything, for this person."""
    if entry.artifact.pruned_at is not None or not reach(actor).allows(Permission.OPERATE, entry.project_id):
        return False
    newest = Entry.objects.of(entry.place).first()
    return newest is not None and newest.artifact_id != entry.artifact_id


def _row(entry: Entry, found: Beginning | None, reading: Reading) -> VersionRow:
    if found is None:
        return VersionRow(entry, "", intact=True, masked=class_words(reading.masked[entry.artifact_id]))
    if not found.intact or entry.artifact.media_type == OCTETS:
        return VersionRow(entry, "", found.intact)
    words = found.body.decode("utf-8-sig", "ignore")  # the last character may be cut in two
    cut = len(words) > SHORT or len(found.body) == BEGINNING
    return VersionRow(entry, f"{words[:SHORT]}…" if cut else words, found.intact)
