"""Permissions on one object, for people without a role on its project: guardian's rows, and nothing else."""

from django.contrib.auth.models import Permission as PermissionRow
from django.db.models import Model
from guardian.shortcuts import assign_perm, remove_perm

from governance.access.permissions import AssetPermission
from governance.accounts.models import User


def give(thing: Model, permission: AssetPermission, *, to: User) -> None:
    """Write the row. The caller authorises and records: `governance.catalog.sharing`."""
    assign_perm(_row(thing, permission), to, thing)


def take(thing: Model, permission: AssetPermission, *, back_from: User) -> None:
    """Remove the row."""
    remove_perm(_row(thing, permission), back_from, thing)


def _row(thing: Model, permission: AssetPermission) -> PermissionRow:
    meta = thing._meta
    return PermissionRow.objects.get(
        codename=permission.value,
        content_type__app_label=meta.app_label,
        content_type__model=meta.model_name,
    )
