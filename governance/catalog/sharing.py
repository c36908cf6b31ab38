"""Sharing one asset with somebody who holds no role on its project."""

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from governance.access.gate import authorise, holds
from governance.access.permissions import AssetPermission, Permission
from governance.access.singly import give, take
from governance.accounts.models import User
from governance.catalog.models import Asset, AssetUserObjectPermission
from governance.errors import NotVisible, WrongState
from governance.ledger.kinds import Kind
from governance.ledger.services import record
from governance.ledger.text import storable


def shared_with(asset: Asset) -> QuerySet[User]:
    """The people whom the asset is shared with, by name, each with `may_write`.

    The caller shows them to those alone who may share it.
    """
    rows = AssetUserObjectPermission.objects.filter(content_object=asset)
    writing = rows.filter(user=OuterRef("pk"), permission__codename=AssetPermission.AUTHOR.value)
    return User.objects.filter(pk__in=rows.values("user")).annotate(may_write=Exists(writing))


@transaction.atomic
def share_asset(asset: Asset, *, actor: User, permission: AssetPermission, to: User, reason: str) -> None:
    """Let a person of the organisation read one asset, or write versions of it, too.

    Raises `NotAllowed` without "Grant roles on the project", `NotVisible` for somebody of another one,
    `Invalid` without a reason, `WrongState` when they hold it already.
    """
    asset = _locked(asset, actor)
    reason = storable(reason, field="reason", longest=500, missing="Say why: the reason is recorded.")
    if to.employer_id != asset.project.organisation_id:
        raise NotVisible("There is no such person.")
    if holds(to, permission, asset):
        raise WrongState(f"{to} holds this permission on {asset} already.")
    give(asset, permission, to=to)
    if not holds(to, AssetPermission.VIEW, asset):
        give(asset, AssetPermission.VIEW, to=to)
    _record(Kind.ASSET_SHARED, actor, asset, to, permission=permission.value, reason=reason)


@transaction.atomic
def stop_sharing_asset(asset: Asset, *, actor: User, person: User, reason: str) -> None:
    """Take away what was shared, from somebody whose account is shut, too; it ends with their next request.

    Raises as `share_asset` does.
    """
    asset = _locked(asset, actor)
    reason = storable(reason, field="reason", longest=500, missing="Say why: the reason is recorded.")
    rows = AssetUserObjectPermission.objects.filter(content_object=asset, user=person)
    stored = set(rows.values_list("permission__codename", flat=True))
    held = [permission for permission in AssetPermission if permission in stored]
    if not held:
        raise WrongState(f"{asset} is not shared with {person}.")
    for permission in held:
        take(asset, permission, back_from=person)
    _record(Kind.ASSET_UNSHARED, actor, asset, person, permission=", ".join(held), reason=reason)


def _locked(asset: Asset, actor: User) -> Asset:
    locked = Asset.objects.select_for_update(of=("self",))
    asset = locked.select_related("project__organisation").get(pk=asset.pk)
    authorise(actor, Permission.ADMINISTER, project=asset.project)
    return asset


def _record(kind: Kind, actor: User, asset: Asset, person: User, **details: str) -> None:
    record(
        kind,
        actor=actor,
        organisation=asset.project.organisation_id,
        about=(asset.kind, asset.pk),
        details={"asset": asset.slug, "person": str(person.pk), "name": person.name, **details},
    )
