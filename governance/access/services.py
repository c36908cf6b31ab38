"""Granting and revoking roles. Guardian's rows are written here and nowhere else, each change with its event."""

from django.contrib.auth.models import Permission as PermissionRow
from django.db import transaction
from django.utils import timezone
from guardian.shortcuts import assign_perm, remove_perm

from governance.access.gate import authorise, authorise_owner
from governance.access.models import Grant
from governance.access.permissions import ROLE_PERMISSIONS, Permission, Role
from governance.accounts.models import Project, Team, User
from governance.errors import Invalid, NotVisible, WrongState
from governance.ledger.kinds import Kind
from governance.ledger.services import record


@transaction.atomic
def grant_role(project: Project, *, actor: User, role: Role, to: User | Team, reason: str) -> Grant:
    """Give a person or a team a role on the project.

    Raises `NotAllowed` without "Grant roles on the project", `Invalid` without a reason or for a team of another
    organisation, `WrongState` when the role is held already.
    """
    project = Project.objects.select_for_update().get(pk=project.pk)
    _authorise(actor, project)
    if not reason.strip():
        raise Invalid("Say why the role is granted.", fields={"reason": "A reason is needed."})
    if isinstance(to, Team) and to.organisation_id != project.organisation_id:
        raise NotVisible("There is no such team.")
    holder = {"team": to} if isinstance(to, Team) else {"person": to}
    if Grant.objects.filter(project=project, role=role, revoked_at=None, **holder).exists():
        raise WrongState(f"{to} is {role} on {project} already.")
    grant = Grant.objects.create(project=project, role=role, granted_by=actor, reason=reason.strip(), **holder)
    _synchronise(project, to)
    _record(Kind.ROLE_GRANTED, actor, grant, to)
    return grant


@transaction.atomic
def revoke_role(grant: Grant, *, actor: User, reason: str) -> Grant:
    """Take a role away; it ends with the holder's next request. Raises as `grant_role` does."""
    grant = Grant.objects.select_for_update(of=("self",)).select_related("project", "person", "team").get(pk=grant.pk)
    _authorise(actor, grant.project)
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


def _authorise(actor: User, project: Project) -> None:
    if actor.kind == User.Kind.SYSTEM:
        authorise_owner(actor, organisation=project.organisation)
    else:
        authorise(actor, Permission.ADMINISTER, project=project)


def _synchronise(project: Project, holder: User | Team) -> None:
    """Make guardian's rows equal to what the holder's standing grants add up to."""
    key = {"team": holder} if isinstance(holder, Team) else {"person": holder}
    roles = Grant.objects.filter(project=project, revoked_at=None, **key).values_list("role", flat=True)
    wanted = frozenset().union(*(ROLE_PERMISSIONS[Role(role)] for role in roles))
    subject = holder.group if isinstance(holder, Team) else holder
    rows = PermissionRow.objects.filter(content_type__app_label="governance", content_type__model="project")
    for row in rows.filter(codename__in=[permission.value for permission in Permission]):
        (assign_perm if row.codename in wanted else remove_perm)(row, subject, project)


def _record(kind: Kind, actor: User, grant: Grant, holder: User | Team, reason: str = "") -> None:
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
            "reason": reason or grant.reason,
        },
    )
