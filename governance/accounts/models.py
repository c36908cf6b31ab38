"""Organisations, their projects and teams, and the people and system actors that act in them."""

from typing import TYPE_CHECKING, ClassVar

from django.contrib.auth.hashers import check_password
from django.contrib.auth.models import AbstractBaseUser, Group, PermissionsMixin
from django.core.validators import validate_slug
from django.db import models

from governance.accounts.people import People
from governance.accounts.querysets import OrganisationQuerySet, ProjectQuerySet
from governance.ledger.acting import acting
from governance.ledger.identity import uuid7

if TYPE_CHECKING:
    from governance.access.models import ApiToken


class User(AbstractBaseUser, PermissionsMixin):
    """A person, or a named system actor. People are disabled, never deleted: the records name them."""

    class Kind(models.TextChoices):
        """Who is behind the name."""

        PERSON = "person", "Person"
        SYSTEM = "system", "System actor"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField("printed name", max_length=200)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.PERSON)
    is_active = models.BooleanField("may sign in", default=True)
    is_staff = models.BooleanField("may open the admin", default=False)
    must_replace_password = models.BooleanField(
        default=False,
        editable=False,
        help_text="Somebody else chose it: it opens but one page, to replace it.",
    )
    created_at = models.DateTimeField("made", auto_now_add=True)
    employer = models.ForeignKey(
        "Organisation",
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        verbose_name="organisation",
        related_name="people",
        help_text="The organisation whose platform owners made the account and may shut it.",
    )

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    objects = People()

    # Set by the API's authentication when a token speaks for the person; it narrows what they reach.
    token: "ApiToken | None" = None

    class Meta:
        verbose_name, verbose_name_plural = "person", "people"
        db_table = "accounts_user"
        ordering = ("name", "email")

    def __str__(self) -> str:
        return self.name

    @property
    def is_set_up(self) -> bool:
        """Whether this is the actor in whose name the installation is set up from its command line."""
        return self.kind == self.Kind.SYSTEM and self.email == "set-up@system.invalid"

    def check_password(self, raw_password: str | None) -> bool:
        """Whether it is the person's; one that was hashed in an earlier way is hashed anew, in their name."""

        def hash_anew(given: str | None) -> None:
            self.set_password(given)
            self._password = None  # it has not been changed: nothing is to be told of it
            with acting(self):
                self.save(update_fields=["password"])

        return check_password(raw_password, self.password, hash_anew)

    def get_full_name(self) -> str:
        """The printed name."""
        return self.name

    def get_short_name(self) -> str:
        """The printed name."""
        return self.name


class Organisation(models.Model):
    """A tenant: nothing of one organisation is visible in another."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.SlugField(unique=True, max_length=60)
    name = models.CharField(max_length=200)
    created_at = models.DateTimeField("opened", auto_now_add=True)
    owners = models.ManyToManyField(
        User, related_name="owned_organisations", db_table="accounts_platform_owner"
    )

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        db_table = "accounts_organisation"
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Team(models.Model):
    """People who are granted roles together; guardian grants go to its group."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="teams")
    name = models.CharField(max_length=120)
    group = models.OneToOneField(Group, on_delete=models.PROTECT, related_name="team", editable=False)

    class Meta:
        db_table = "accounts_team"
        ordering = ("name",)
        constraints = (models.UniqueConstraint(fields=["organisation", "name"], name="team_name_once"),)

    def __str__(self) -> str:
        return self.name


class Project(models.Model):
    """Where assets, releases and runs live, and what roles are granted on."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="projects")
    slug = models.CharField(max_length=60, validators=[validate_slug])
    name = models.CharField(max_length=200)
    created_at = models.DateTimeField("opened", auto_now_add=True)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        db_table = "accounts_project"
        ordering = ("name",)
        constraints = (models.UniqueConstraint(fields=["organisation", "slug"], name="project_slug_once"),)
        permissions = (
            ("author_assets", "Write prompts, models and workflows"),
            ("submit_release", "Submit a release"),
            ("approve_release", "Approve or reject a release"),
            ("activate_release", "Put an approved release into effect or roll back"),
            ("operate_runs", "Start, resume and cancel runs"),
            ("reveal_contents", "Reveal confidential and personal contents"),
            ("administer_project", "Grant roles on the project"),
        )

    def __str__(self) -> str:
        return self.name
