"""What a recall can be about, within reach, and what it is called."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from governance.access.gate import reach
from governance.accounts.models import User
from governance.catalog.models import Asset, Version
from governance.errors import Invalid, NotVisible
from governance.releases.models import Release
from runs.lineage.subjects import Subject, SubjectKind
from runs.lineage.visible import artifacts_visible_to
from runs.memory.models import Entry
from runs.records.models import Step

LONGEST_KEY: Final = 100


@dataclass(frozen=True)
class Named:
    """A subject with its name; `project` where it belongs to one."""

    subject: Subject
    name: str
    project: UUID | None = None


def named(kind: str, key: str, *, actor: User) -> Named:
    """The subject, as the person may see it. Raises `Invalid` for what is none, `NotVisible` for others'."""
    if kind not in set(SubjectKind):
        raise Invalid("A recall is about nothing of this kind.", fields={"kind": "Choose another."})
    subject = Subject(SubjectKind(kind), key.strip())
    if subject.kind == SubjectKind.FUNCTION:
        return _function(subject)
    try:
        UUID(subject.key)
    except ValueError as problem:
        raise Invalid("This is no identifier.", fields={"key": "Give an identifier."}) from problem
    found = FINDERS[subject.kind](subject, actor)
    if found is None:
        raise NotVisible("There is no such object.")
    return found


def _function(subject: Subject) -> Named:
    if not subject.key or len(subject.key) > LONGEST_KEY or "\x00" in subject.key:
        raise Invalid("Name the function as workflows do.", fields={"key": "Such as assign_desk@1."})
    return Named(subject, f"the function {subject.key}")


def _version(subject: Subject, actor: User) -> Named | None:
    rows = Version.objects.visible_to(actor).select_related("asset").defer("content")
    found = rows.filter(pk=subject.key).first()
    return Named(subject, f"the {found.asset.kind} {found}", found.asset.project_id) if found else None


def _model(subject: Subject, actor: User) -> Named | None:
    found = Asset.objects.visible_to(actor).filter(pk=subject.key, kind=Asset.Kind.MODEL).first()
    return Named(subject, f"every version of the model {found}", found.project_id) if found else None


def _release(subject: Subject, actor: User) -> Named | None:
    rows = Release.objects.visible_to(actor).select_related("workflow").defer("closure")
    found = rows.filter(pk=subject.key).first()
    return Named(subject, str(found), found.project_id) if found else None


def _artifact(subject: Subject, actor: User) -> Named | None:
    found = artifacts_visible_to(actor).defer("inline").filter(pk=subject.key).first()
    return Named(subject, f"the content {found.sha256[:12]}…") if found else None


def _output(subject: Subject, actor: User) -> Named | None:
    found = Step.objects.visible_to(actor).select_related("run").filter(pk=subject.key).first()
    if found is None:
        return None
    case = found.run.reference or found.run_id
    return Named(subject, f"the output of {found.node} in {case}", found.run.project_id)


def _memory(subject: Subject, actor: User) -> Named | None:
    found = Entry.objects.visible_to(actor).filter(pk=subject.key).first()
    return Named(subject, f"{found} in memory", found.project_id) if found else None


def _approver(subject: Subject, actor: User) -> Named | None:
    colleagues = User.objects.filter(employer__in=reach(actor).organisations, kind=User.Kind.PERSON)
    found = colleagues.filter(pk=subject.key).first()
    return Named(subject, f"the approvals of {found.name}") if found else None


FINDERS: Final[Mapping[SubjectKind, Callable[[Subject, User], Named | None]]] = {
    SubjectKind.VERSION: _version,
    SubjectKind.MODEL: _model,
    SubjectKind.RELEASE: _release,
    SubjectKind.ARTIFACT: _artifact,
    SubjectKind.OUTPUT: _output,
    SubjectKind.MEMORY: _memory,
    SubjectKind.APPROVER: _approver,
}
