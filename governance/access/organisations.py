"""Making organisations, their platform owners, projects and teams."""

from django.contrib.auth.models import Group
from django.db import transaction

from governance.access.gate import authorise_installation, authorise_owner
from governance.access.owners import check_an_owner_stays, locked_for_owner
from governance.access.unique import unless_taken
from governance.accounts.models import Organisation, Project, Team, User
from governance.errors import NotVisible, WrongState
from governance.ledger.kinds import Kind
from governance.ledger.services import record
from governance.ledger.text import printable
from governance.ledger.text import slug as slug_text
from governance.proof.standing import refuse_unless_standing


@transaction.atomic
def create_organisation(slug: str, *, actor: User, name: str) -> Organisation:
    """Open a tenant. Raises `NotAllowed` for others than the set-up, `Invalid` for a taken or wrong slug.

    Nobody can sign in to it before its first platform owner: `manage.py create_organisation` makes both.
    """
    authorise_installation(actor)
    slug, name = slug_text(slug, longest=60), _named(name)
    with unless_taken("slug", f"The slug {slug} is taken."):
        organisation = Organisation.objects.create(slug=slug, name=name)
    _record(Kind.ORGANISATION_CREATED, actor, organisation, ("organisation", organisation), slug=slug)
    return organisation


@transaction.atomic
def add_owner(organisation: Organisation, *, actor: User, person: User) -> None:
    """Make a person of the organisation a platform owner, who may open the admin.

    Raises `NotAllowed`, `NotVisible` for somebody of another organisation, `WrongState` for who is one
    already.
    """
    organisation = locked_for_owner(organisation, actor=actor)
    refuse_unless_standing(organisation.pk)
    _check_employed(person, organisation)
    if organisation.owners.filter(pk=person.pk).exists():
        raise WrongState(f"{person} is a platform owner already.")
    organisation.owners.add(person)
    User.objects.filter(pk=person.pk).update(is_staff=True)
    _record(Kind.PLATFORM_OWNER_ADDED, actor, organisation, ("person", person), name=person.name)


@transaction.atomic
def remove_owner(organisation: Organisation, *, actor: User, person: User) -> None:
    """End somebody's ownership. Raises `WrongState` for the last who may sign in."""
    organisation = locked_for_owner(organisation, actor=actor)
    if not organisation.owners.filter(pk=person.pk).exists():
        raise NotVisible("There is no such platform owner.")
    check_an_owner_stays(organisation, without=person)
    organisation.owners.remove(person)
    if not person.owned_organisations.exists():
        User.objects.filter(pk=person.pk).update(is_staff=False)
    _record(Kind.PLATFORM_OWNER_REMOVED, actor, organisation, ("person", person), name=person.name)


@transaction.atomic
def create_project(organisation: Organisation, *, actor: User, slug: str, name: str) -> Project:
    """Open a project. Raises `NotAllowed`, `NotVisible`, or `Invalid` for a taken or malformed slug."""
    organisation = locked_for_owner(organisation, actor=actor)
    slug, name = slug_text(slug, longest=60), _named(name)
    with unless_taken("slug", f"The slug {slug} is taken."):
        project = Project.objects.create(organisation=organisation, slug=slug, name=name)
    _record(Kind.PROJECT_CREATED, actor, organisation, ("project", project), slug=slug)
    return project


@transaction.atomic
def create_team(organisation: Organisation, *, actor: User, name: str) -> Team:
    """Make an empty team. Raises `NotAllowed`, `NotVisible`, or `Invalid` for a taken name."""
    organisation = locked_for_owner(organisation, actor=actor)
    name = _named(name, longest=80)  # the group's name holds the organisation's slug, too
    with unless_taken("name", f"There is a team called {name} already."):
        group = Group.objects.create(name=f"{organisation.slug}/{name}")
        team = Team.objects.create(organisation=organisation, name=name, group=group)
    _record(Kind.TEAM_CREATED, actor, organisation, ("team", team), name=team.name)
    return team


@transaction.atomic
def add_to_team(team: Team, *, actor: User, person: User) -> None:
    """Put a person into a team; its roles are theirs from their next request.

    Raises `NotVisible` for somebody of another organisation, `WrongState` for who is in it already.
    """
    team = _locked(team, actor)
    refuse_unless_standing(team.organisation_id)
    _check_employed(person, team.organisation)
    if team.group.user_set.filter(pk=person.pk).exists():
        raise WrongState(f"{person} is in {team} already.")
    team.group.user_set.add(person)
    _record_member(Kind.TEAM_MEMBER_ADDED, actor, team, person)


@transaction.atomic
def remove_from_team(team: Team, *, actor: User, person: User) -> None:
    """Take a person out of a team; its roles end with their next request. Raises `WrongState` for others."""
    team = _locked(team, actor)
    if not team.group.user_set.filter(pk=person.pk).exists():
        raise WrongState(f"{person} is not in {team}.")
    team.group.user_set.remove(person)
    _record_member(Kind.TEAM_MEMBER_REMOVED, actor, team, person)


def _locked(team: Team, actor: User) -> Team:
    team = (
        Team.objects.select_for_update(of=("self",)).select_related("organisation", "group").get(pk=team.pk)
    )
    authorise_owner(actor, organisation=team.organisation)
    return team


def _check_employed(person: User, organisation: Organisation) -> None:
    if person.employer_id != organisation.pk:
        raise NotVisible("There is no such person.")


def _named(name: str, *, longest: int = 200) -> str:
    return printable(name, longest=longest, missing="A name is needed.")


def _record_member(kind: Kind, actor: User, team: Team, person: User) -> None:
    _record(kind, actor, team.organisation, ("team", team), person=str(person.pk), name=person.name)


def _record(
    kind: Kind,
    actor: User,
    organisation: Organisation,
    about: tuple[str, Organisation | Project | Team | User],
    **details: str,
) -> None:
    record(kind, actor=actor, organisation=organisation.pk, about=(about[0], about[1].pk), details=details)
