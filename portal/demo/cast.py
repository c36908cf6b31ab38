"""Who works at the bank: one person for every role, with a password made anew for this installation."""

import json
import secrets
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import transaction

from governance.access import organisations, people
from governance.access.permissions import Role
from governance.access.services import grant_role
from governance.accounts.models import Organisation, Project, Team, User
from governance.releases.models import Environment
from governance.releases.services import create_environment

ORGANISATION = ("northwind", "Northwind Bank")
PROJECT = ("complaints", "Complaints")
ENVIRONMENTS = (
    ("development", "Development", False),
    ("staging", "Staging", True),
    ("production", "Production", True),
)
WORDS = (
    "amber",
    "birch",
    "copper",
    "delta",
    "ember",
    "fjord",
    "garnet",
    "harbour",
    "indigo",
    "juniper",
    "kestrel",
    "larch",
)


@dataclass(frozen=True)
class Part:
    """One person of the cast."""

    name: str
    email: str
    role: Role | None  # None: the platform owner, who is one of the organisation and not of a project


PARTS = (
    Part("Mara Lindqvist", "auditor@northwind.example", Role.AUDITOR),
    Part("Ines Calder", "approver@northwind.example", Role.APPROVER),
    Part("Jonas Weber", "author@northwind.example", Role.AUTHOR),
    Part("Tom Adeyemi", "operator@northwind.example", Role.OPERATOR),
    Part("Ruth Okafor", "owner@northwind.example", None),
)

# Who is asked, and who is asked as well when nobody answers.
TEAMS = {"Complaints desk": (Role.OPERATOR, Role.APPROVER), "Complaints lead": (Role.APPROVER,)}


@dataclass(frozen=True)
class Cast:
    """The organisation, its project and environments, and the people by role."""

    organisation: Organisation
    project: Project
    environments: dict[str, Environment]
    people: dict[Role, User]
    owner: User


def assemble() -> Cast:
    """Find the cast, or make what is missing of it. Safe to repeat."""
    set_up = User.objects.system("set-up")
    organisation = Organisation.objects.filter(slug=ORGANISATION[0]).first()
    if organisation is None:
        organisation = organisations.create_organisation(ORGANISATION[0], actor=set_up, name=ORGANISATION[1])
    project = Project.objects.filter(organisation=organisation, slug=PROJECT[0]).first()
    if project is None:
        project = organisations.create_project(organisation, actor=set_up, slug=PROJECT[0], name=PROJECT[1])
    environments = {slug: _environment(organisation, rank) for rank, (slug, _, _) in enumerate(ENVIRONMENTS)}
    found = {part.role: _person(part, organisation, project) for part in PARTS}
    people = {role: person for role, person in found.items() if role is not None}
    for name, roles in TEAMS.items():
        _team(organisation, name, [people[role] for role in roles], owner=found[None])
    return Cast(organisation, project, environments, people, owner=found[None])


def password() -> str:
    """The password of everybody in the cast, made once for this installation, readable by its user alone."""
    place: Path = settings.ENV.countersign_var / "demo_password.json"
    if place.exists():
        return str(json.loads(place.read_text(encoding="utf-8"))["password"])
    place.parent.mkdir(parents=True, exist_ok=True)
    made = "-".join(secrets.choice(WORDS) for _ in range(3)) + f"-{secrets.randbelow(9000) + 1000}"
    place.touch(mode=0o600)
    place.write_text(json.dumps({"password": made}), encoding="utf-8")
    return made


def _environment(organisation: Organisation, rank: int) -> Environment:
    slug, name, protected = ENVIRONMENTS[rank]
    found = Environment.objects.filter(organisation=organisation, slug=slug).first()
    return found or create_environment(
        organisation,
        actor=User.objects.system("set-up"),
        slug=slug,
        name=name,
        rank=rank,
        protected=protected,
    )


@transaction.atomic  # a start that is killed in between leaves no team without its people
def _team(organisation: Organisation, name: str, members: list[User], *, owner: User) -> None:
    if Team.objects.filter(organisation=organisation, name=name).exists():
        return
    team = organisations.create_team(organisation, actor=owner, name=name)
    for person in members:
        organisations.add_to_team(team, actor=owner, person=person)


@transaction.atomic  # a start that is killed in between leaves nobody who lacks a role for good
def _person(part: Part, organisation: Organisation, project: Project) -> User:
    set_up = User.objects.system("set-up")
    person = User.objects.filter(email=part.email).first()
    if person is not None:
        return person
    person = people.create_person(
        part.email, actor=set_up, name=part.name, password=password(), organisation=organisation
    )
    if part.role is None:
        organisations.add_owner(organisation, actor=set_up, person=person)
    else:
        grant_role(project, actor=set_up, role=part.role, to=person, reason="Set up with the demonstration")
    return person
