"""The environment, the release and its activations."""

from typing import Any

import orjson
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from governance.accounts.models import Organisation, Project
from governance.approvals.models import ApprovalRequest
from governance.catalog.models import Asset, Version
from governance.ledger.identity import uuid7
from governance.ledger.immutable import Immutable
from governance.releases.querysets import (
    ActivationQuerySet,
    EnvironmentQuerySet,
    OpeningQuerySet,
    ReleaseQuerySet,
)


class Environment(Immutable):
    """A place where releases take effect. A protected one takes approved releases alone and stays so."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="environments")
    slug = models.SlugField(max_length=40)
    name = models.CharField(max_length=80)
    protected = models.BooleanField(default=True)
    rank = models.PositiveSmallIntegerField(help_text="The order of promotion: lower comes first.")

    objects = EnvironmentQuerySet.as_manager()

    class Meta:
        db_table = "releases_environment"
        ordering = ("rank",)
        constraints = (
            models.UniqueConstraint(fields=["organisation", "slug"], name="environment_slug_once"),
        )

    def __str__(self) -> str:
        return self.name


class Release(Immutable):
    """A workflow version offered to an environment. What is decided on is the SHA-256 of `closure`."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="releases")
    workflow = models.ForeignKey(Asset, on_delete=models.PROTECT, related_name="releases")
    number = models.PositiveIntegerField(help_text="Counts the releases of the workflow.")
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="releases")
    environment = models.ForeignKey(Environment, on_delete=models.PROTECT, related_name="releases")
    closure = models.BinaryField()
    digest = models.CharField(max_length=64, db_index=True)
    notes = models.CharField(max_length=1000, blank=True)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField("submitted", auto_now_add=True)
    request = models.OneToOneField(ApprovalRequest, on_delete=models.PROTECT, related_name="release")

    objects = ReleaseQuerySet.as_manager()

    class Meta:
        db_table = "releases_release"
        ordering = ("-id",)
        constraints = (models.UniqueConstraint(fields=["workflow", "number"], name="release_number_once"),)

    def __str__(self) -> str:
        return f"{self.workflow.slug} release {self.number}"

    @property
    def contents(self) -> dict[str, Any]:
        """The closure as a value."""
        value: dict[str, Any] = orjson.loads(bytes(self.closure))
        return value


class Activation(Immutable):
    """A release takes effect in its environment: the newest activation of a workflow there is in effect."""

    class Kind(models.TextChoices):
        """Forward, or back to an earlier release."""

        ACTIVATION = "activation", "Activated"
        ROLLBACK = "rollback", "Rolled back to"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="activations")
    environment = models.ForeignKey(Environment, on_delete=models.PROTECT, related_name="activations")
    workflow = models.ForeignKey(Asset, on_delete=models.PROTECT, related_name="activations")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    sequence = models.PositiveIntegerField(
        help_text="Counts the activations of the workflow in the environment."
    )
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    actor_name = models.CharField("by", max_length=200)
    reason = models.CharField(max_length=1000, blank=True)
    at = models.DateTimeField("when", auto_now_add=True)

    objects = ActivationQuerySet.as_manager()

    class Meta:
        db_table = "releases_activation"
        ordering = ("-sequence",)
        constraints = (
            models.UniqueConstraint(
                fields=["environment", "workflow", "sequence"], name="activation_sequence_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.release}"


class Opening(Immutable):
    """To which environments an HTTP endpoint or a provider of models is open; of a name the newest counts."""

    class Kind(models.TextChoices):
        """Whose name it is."""

        ENDPOINT = "endpoint", "HTTP endpoint"
        PROVIDER = "provider", "Provider of models"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="openings")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    name = models.CharField(max_length=40)
    number = models.PositiveIntegerField(help_text="Counts the openings of the name.")
    environments = ArrayField(models.UUIDField(), help_text="Those it is open to, and no others.")
    reason = models.CharField(max_length=1000)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    set_by_name = models.CharField("set by", max_length=200)
    set_at = models.DateTimeField("when", auto_now_add=True)

    objects = OpeningQuerySet.as_manager()

    class Meta:
        db_table = "releases_opening"
        ordering = ("-number",)
        constraints = (
            models.UniqueConstraint(
                fields=["organisation", "kind", "name", "number"], name="opening_number_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.name}, opening {self.number}"
