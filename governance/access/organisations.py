"""Making organisations, their platform owners, projects and teams."""

from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.db import transaction

from governance.access.gate import authorise_installation, authorise_owner
from governance.accounts.models import Organisation, Project, Team, User
from governance.errors import Invalid, NotVisible, WrongState
from governance.ledger.kinds import Kind
from governance.ledger.services import record


@transaction.atomic
def create_organisation(slug: str, *, actor: User, name: str) -> Organisation:
    """Open a tenant. Raises `NotAllowed` for others than the set-up and `Invalid` for a taken or malformed slug."""
    authorise_installation(actor)
    _check_slug(slug, taken=Organisation.objects.filter(slug=slug).exists())
    organisation = Organisation.objects.create(slug=slug, name=_named(name))
    _record(Kind.ORGANISATION_CREATED, actor, organisation, ("organisation", organisation), slug=slug)
    return organisation


@transaction.atomic
def add_owner(organisation: Organisation, *, actor: User, person: User) -> None:
    """Make a person a platform owner, who may open the admin. Raises `NotAllowed` or `NotVisible`."""
    organisation = Organisation.objects.select_for_update().get(pk=organisation.pk)
    authorise_owner(actor, organisation=organisation)
    if person.kind != User.Kind.PERSON:
        raise NotVisible("There is no such person.")
    organisation.owners.add(person)
    User.objects.filter(pk=person.pk).update(is_staff=True)
    _record(Kind.PLATFORM_OWNER_ADDED, actor, organisation, ("person", person), name=person.name)


@transaction.atomic
def remove_owner(organisation: Organisation, *, actor: User, person: User) -> None:
    """End somebody's ownership. Raises `WrongState` for the last owner, since nobody could then grant anything."""
    organisation = Organisation.objects.select_for_update().get(pk=organisation.pk)
    authorise_owner(actor, organisation=organisation)
    if not organisation.owners.filter(pk=person.pk).exists():
        raise NotVisible("There is no such platform owner.")
    if organisation.owners.count() == 1:
        raise WrongState("An organisation needs a platform owner: add another first.")
    organisation.owners.remove(person)
    if not person.owned_organisations.exists():
        User.objects.filter(pk=person.pk).update(is_staff=False)
    _record(Kind.PLATFORM_OWNER_REMOVED, actor, organisation, ("person", person), name=person.name)


@transaction.atomic
def create_project(organisation: Organisation, *, actor: User, slug: str, name: str) -> Project:
    """Open a project. Raises `NotAllowed`, `NotVisible`, or `Invalid` for a taken or malformed slug."""
    authorise_owner(actor, organisation=organisation)
    _check_slug(slug, taken=Project.objects.filter(organisation=organisation, slug=slug).exists())
    project = Project.objects.create(organisation=organisation, slug=slug, name=_named(name))
    _record(Kind.PROJECT_CREATED, actor, organisation, ("project", project), slug=slug)
    return project


@transaction.atomic
def create_team(organisation: Organisation, *, actor: User, name: str) -> Team:
    """Make an empty team. Raises `NotAllowed`, `NotVisible`, or `Invalid` for a taken name."""
    authorise_owner(actor, organisation=organisation)
    if Team.objects.filter(organisation=organisation, name=_named(name)).exists():
        raise Invalid(f"There is a team called {name} already.", fields={"name": "This name is taken."})
    group = Group.objects.create(name=f"{organisation.slug}/{name.strip()}")
    team = Team.objects.create(organisation=organisation, name=name.strip(), group=group)
    _record(Kind.TEAM_CREATED, actor, organisation, ("team", team), name=team.name)
    return team


@transaction.atomic
def add_to_team(team: Team, *, actor: User, person: User) -> None:
    """Put a person into a team; its roles are theirs from their next request."""
    authorise_owner(actor, organisation=team.organisation)
    team.group.user_set.add(person)
    _record(Kind.TEAM_MEMBER_ADDED, actor, team.organisation, ("team", team), person=str(person.pk), name=person.name)


@transaction.atomic
def remove_from_team(team: Team, *, actor: User, person: User) -> None:
    """Take a person out of a team; its roles end with their next request. Raises `WrongState` for a stranger to it."""
    authorise_owner(actor, organisation=team.organisation)
    if not team.group.user_set.filter(pk=person.pk).exists():
        raise WrongState(f"{person} is not in {team}.")
    team.group.user_set.remove(person)
    _record(Kind.TEAM_MEMBER_REMOVED, actor, team.organisation, ("team", team), person=str(person.pk), name=person.name)


def _named(name: str) -> str:
    if not name.strip():
        raise Invalid("A name is needed.", fields={"name": "A name is needed."})
    return name.strip()


def _check_slug(slug: str, *, taken: bool) -> None:
    try:
        validate_slug(slug)
    except ValidationError as problem:
        raise Invalid(f"“{slug}” is not a slug.", fields={"slug": "Letters, digits, hyphens and underscores."}) from problem
    if taken:
        raise Invalid(f"“{slug}” is taken.", fields={"slug": "This slug is taken."})


def _record(
    kind: Kind,
    actor: User,
    organisation: Organisation,
    about: tuple[str, Organisation | Project | Team | User],
    **details: str,
) -> None:
    record(kind, actor=actor, organisation=organisation.pk, about=(about[0], about[1].pk), details=details)
