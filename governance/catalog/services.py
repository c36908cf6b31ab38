"""Making assets and versions."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.db import transaction

from governance.access.gate import authorise
from governance.access.permissions import AssetPermission, Permission
from governance.accounts.models import Project, User
from governance.catalog.content import prepared
from governance.catalog.models import Asset, Pin, Version
from governance.errors import Invalid, WrongState
from governance.ledger.canonical import sha256_hex
from governance.ledger.kinds import Kind
from governance.ledger.services import record

LONGEST_CONTENT = 2_000_000


@transaction.atomic
def create_asset(project: Project, *, actor: User, kind: Asset.Kind, slug: str, purpose: str = "") -> Asset:
    """Name a new prompt, model or workflow.

    Raises `Invalid` for a malformed or taken slug; `NotAllowed` without "Write prompts, models and workflows".
    """
    project = Project.objects.select_for_update().get(pk=project.pk)
    authorise(actor, Permission.AUTHOR, project=project)
    try:
        validate_slug(slug)
    except ValidationError as problem:
        raise Invalid("The name is not a slug.", fields={"slug": "Letters, digits, hyphens, underscores."}) from problem
    if Asset.objects.filter(project=project, kind=kind, slug=slug).exists():
        raise Invalid(f"There is a {kind} called {slug} already.", fields={"slug": "This name is taken."})
    asset = Asset(project=project, kind=kind, slug=slug, purpose=purpose.strip(), created_by=actor)
    _check_length(asset)
    asset.save()
    record(
        Kind.ASSET_CREATED,
        actor=actor,
        organisation=project.organisation_id,
        about=(kind.value, asset.pk),
        details={"slug": slug, "project": project.slug, "purpose": asset.purpose},
    )
    return asset


@transaction.atomic
def create_version(asset: Asset, *, actor: User, content: dict[str, Any], message: str) -> Version:
    """Add the next version of an asset; it can never be changed.

    Raises `Invalid` with a message for each wrong field or node, `WrongState` when nothing differs from the newest
    version, `NotAllowed` without the right to write on the project or the asset.
    """
    asset = Asset.objects.select_for_update(of=("self",)).select_related("project").get(pk=asset.pk)
    authorise(actor, Permission.AUTHOR, project=asset.project, on=(asset, AssetPermission.AUTHOR))
    if not message.strip():
        raise Invalid("Say what changed.", fields={"message": "Say what changed, for those who review it."})
    body, pins = prepared(asset, content)
    if len(body) > LONGEST_CONTENT:
        raise Invalid(f"A version may hold {LONGEST_CONTENT:,} bytes; this has {len(body):,}.")
    digest = sha256_hex(body)
    newest = asset.versions.order_by("-number").first()
    if newest is not None and newest.digest == digest:
        raise WrongState(f"Nothing differs from version {newest.number}.")
    version = Version(
        asset=asset,
        number=1 if newest is None else newest.number + 1,
        content=body,
        digest=digest,
        message=message.strip(),
        author=actor,
        author_name=actor.name,
        parent=newest,
    )
    _check_length(version)
    version.save()
    Pin.objects.bulk_create(Pin(version=version, node=node, pinned=pinned) for node, pinned in pins)
    _record_version(version, actor, pins)
    return version


def _record_version(version: Version, actor: User, pins: list[tuple[str, Version]]) -> None:
    record(
        Kind.VERSION_CREATED,
        actor=actor,
        organisation=version.asset.project.organisation_id,
        about=("version", version.pk),
        details={
            "asset": version.asset.slug,
            "asset_id": str(version.asset_id),
            "kind": version.asset.kind,
            "number": version.number,
            "sha256": version.digest,
            "message": version.message,
            "pins": [f"{node}: {pinned.asset.slug} v{pinned.number}" for node, pinned in pins[:100]],
        },
    )


def _check_length(row: Asset | Version) -> None:
    """Text that is too long or holds a NUL is the author's to mend, not the database's to refuse."""
    fields = ["purpose"] if isinstance(row, Asset) else ["message"]
    for name in fields:
        field = row._meta.get_field(name)
        value = getattr(row, name)
        if "\x00" in value:
            raise Invalid(f"The {name} contains a NUL character.", fields={name: "Remove the NUL character."})
        if len(value) > (field.max_length or 0):
            raise Invalid(f"The {name} is too long.", fields={name: f"At most {field.max_length} characters."})
