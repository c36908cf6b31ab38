"""Granting and revoking roles. Guardian's rows on projects are written here alone, each with its event."""

from collections.abc import Iterable

from django.contrib.auth.models import Group
from django.contrib.auth.models import Permission as PermissionRow
from django.db import transaction
from django.utils import timezone
from guardian.shortcuts import assign_perm, remove_perm

from governance.access.gate import authorise_owner
from governance.access.models import Grant, ProjectGroupObjectPermission, ProjectUserObjectPermission
from governance.access.permissions import ROLE_PERMISSIONS, Role
from governance.accounts.models import Project, Team, User
from governance.errors import NotVisible, WrongState
from governance.ledger.kinds import Kind
from governance.ledger.services import record
from governance.ledger.text import storable
from governance.proof.standing import refuse_unless_standing

ObjectPermission = ProjectUserObjectPermission | ProjectGroupObjectPermission


@transaction.atomic
def grant_role(project: Project, *, actor: User, role: Role, to: User | Team, reason: str) -> Grant:
    """Give a person or a team a role on the project.

    Raises `NotAllowed` for others than the organisation's platform owners and the set-up, `NotVisible` for a
    person or a team of another organisation, `Invalid` without a reason, `WrongState` when the role is held
    already.
    """
    project = Project.objects.select_for_update().get(pk=project.pk)
    authorise_owner(actor, organisation=project.organisation)
    refuse_unless_standing(project.organisation_id)
    reason = _reason(reason)
    if (to.organisation_id if isinstance(to, Team) else to.employer_id) != project.organisation_id:
        raise NotVisible("There is no such person or team.")
    holder = {"team": to} if isinstance(to, Team) else {"person": to}
    if Grant.objects.filter(project=project, role=role, revoked_at=None, **holder).exists():
        raise WrongState(f"{to} is {role} on {project} already.")
    grant = Grant.objects.create(project=project, role=role, granted_by=actor, reason=reason, **holder)
    _synchronise(project, to)
    _record(Kind.ROLE_GRANTED, actor, grant, to, reason=reason)
    return grant


@transaction.atomic
def revoke_role(grant: Grant, *, actor: User, reason: str) -> Grant:
    """Take a role away; it ends with the holder's next request. Raises as `grant_role` does."""
    # The project, as `grant_role` locks it: the holder's rows are made of all their grants on it, so that two
    # who change different grants of one holder at once would each leave what the other took away.
    project = Project.objects.select_for_update().get(grants=grant.pk)
    grant = Grant.objects.select_related("project", "person", "team").get(pk=grant.pk)
    authorise_owner(actor, organisation=project.organisation)
    reason = _reason(reason)
    if grant.revoked_at is not None:
        raise WrongState("This role was revoked already.")
    grant.revoked_at = timezone.now()
    grant.save(update_fields=["revoked_at"])
    holder = grant.team or grant.person
    if holder is None:
        raise WrongState("This grant names nobody.")
    _synchronise(grant.project, holder)
    _record(Kind.ROLE_REVOKED, actor, grant, holder, reason=reason)
    return grant


def _synchronise(project: Project, holder: User | Team) -> None:
    """Make guardian's rows equal to what the holder's standing grants add up to."""
    key = {"team": holder} if isinstance(holder, Team) else {"person": holder}
    roles = Grant.objects.filter(project=project, revoked_at=None, **key).values_list("role", flat=True)
    wanted = frozenset().union(*(ROLE_PERMISSIONS[Role(role)] for role in roles))
    subject = holder.group if isinstance(holder, Team) else holder
    held = {row.permission.codename: row.permission for row in _rows(project, subject)}
    for codename in held.keys() - wanted:
        remove_perm(held[codename], subject, project)
    ours = PermissionRow.objects.filter(content_type__app_label="governance", content_type__model="project")
    for row in ours.filter(codename__in=wanted - held.keys()):
        assign_perm(row, subject, project)


def _rows(project: Project, subject: User | Group) -> Iterable[ObjectPermission]:
    """Guardian's rows of one person or team on the project."""
    if isinstance(subject, Group):
        found = ProjectGroupObjectPermission.objects.filter(content_object=project, group=subject)
    else:
        found = ProjectUserObjectPermission.objects.filter(content_object=project, user=subject)
    return found.select_related("permission")


def _reason(reason: str) -> str:
    return storable(
        reason, field="reason", longest=500, missing="Say why: the reason is kept with the grant."
    )


def _record(kind: Kind, actor: User, grant: Grant, holder: User | Team, *, reason: str) -> None:
    record(
        kind,
        actor=actor,
        organisation=grant.project.organisation_id,
        about=("project", grant.project_id),
        details={
            "grant": str(grant.pk),
            "role": grant.role,
            "holder": str(holder.pk),
            "holder_name": holder.name,
            "reason": reason,
        },
    )
