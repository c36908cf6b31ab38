"""The asset, its versions, and what a version pins."""

from typing import Any

import orjson
from django.conf import settings
from django.core.validators import validate_slug
from django.db import models
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from governance.accounts.models import Project
from governance.catalog.querysets import AssetQuerySet, VersionQuerySet
from governance.ledger.identity import uuid7
from governance.ledger.immutable import Immutable


class Asset(models.Model):
    """A named thing that has versions. Its name never changes, so that a pin can be read."""

    class Kind(models.TextChoices):
        """What an asset can be."""

        PROMPT = "prompt", "Prompt"
        MODEL = "model", "Model"
        WORKFLOW = "workflow", "Workflow"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="assets")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    slug = models.CharField("name", max_length=80, validators=[validate_slug])
    purpose = models.CharField(max_length=400, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="named by"
    )
    created_at = models.DateTimeField("named", auto_now_add=True)

    objects = AssetQuerySet.as_manager()

    class Meta:
        db_table = "catalog_asset"
        ordering = ("slug",)
        constraints = (models.UniqueConstraint(fields=["project", "kind", "slug"], name="asset_slug_once"),)
        permissions = (("author_asset", "Write versions of the asset"),)

    def __str__(self) -> str:
        return self.slug


class Version(Immutable):
    """One numbered content of an asset. `digest` is the SHA-256 of `content`, which is canonical JSON."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    asset = models.ForeignKey(Asset, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    content = models.BinaryField()
    digest = models.CharField(max_length=64, db_index=True)
    message = models.CharField(max_length=400)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    author_name = models.CharField("author's name", max_length=200)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="children")
    created_at = models.DateTimeField("written", auto_now_add=True)

    objects = VersionQuerySet.as_manager()

    class Meta:
        db_table = "catalog_version"
        ordering = ("-number",)
        constraints = (models.UniqueConstraint(fields=["asset", "number"], name="version_number_once"),)

    def __str__(self) -> str:
        return f"{self.asset.slug} v{self.number}"

    @property
    def document(self) -> dict[str, Any]:
        """The content as a value."""
        value: dict[str, Any] = orjson.loads(bytes(self.content))
        return value


class Pin(Immutable):
    """A node of a workflow version uses exactly this version."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="pins")
    node = models.CharField(max_length=60)
    pinned = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="pinned_by")

    class Meta:
        db_table = "catalog_pin"
        ordering = ("id",)
        constraints = (models.UniqueConstraint(fields=["version", "node", "pinned"], name="pin_once"),)

    def __str__(self) -> str:
        return f"{self.node} uses {self.pinned}"


class AssetUserObjectPermission(UserObjectPermissionBase):
    """A permission of one person on one asset (guardian, with a direct foreign key)."""

    content_object = models.ForeignKey(Asset, on_delete=models.CASCADE)

    class Meta(UserObjectPermissionBase.Meta):
        db_table = "access_asset_user_permission"


class AssetGroupObjectPermission(GroupObjectPermissionBase):
    """A permission of one team on one asset (guardian, with a direct foreign key)."""

    content_object = models.ForeignKey(Asset, on_delete=models.CASCADE)

    class Meta(GroupObjectPermissionBase.Meta):
        db_table = "access_asset_group_permission"
