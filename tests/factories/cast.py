"""The cast: two organisations in one installation, with somebody for every role in each."""

from functools import cached_property

from governance.access.organisations import add_owner, create_organisation, create_project
from governance.access.people import create_person, disable_person
from governance.access.permissions import Role
from governance.access.services import grant_role
from governance.accounts.models import Organisation, Project, User
from governance.releases.models import Environment, Opening
from governance.releases.openings import set_opening
from governance.releases.services import create_environment

NORTHWIND = "northwind"
RIVAL = "rival"
PASSWORD = "correct horse battery staple"

NAMES = {NORTHWIND: ("Northwind Bank", "complaints"), RIVAL: ("Rival Insurance", "claims")}
# Who is hired, and for which role on the company's project; `stranger` gets none.
HIRED: dict[str, Role | None] = {
    "author": Role.AUTHOR,
    "approver": Role.APPROVER,
    "second_approver": Role.APPROVER,
    "operator": Role.OPERATOR,
    "auditor": Role.AUDITOR,
    "disabled": Role.AUDITOR,
    "stranger": None,
}
PRINTED = {
    "owner": "Olga Owner",
    "author": "Anna Author",
    "approver": "Aron Approver",
    "second_approver": "Berta Approver",
    "operator": "Otto Operator",
    "auditor": "Adele Auditor",
    "disabled": "Dora Disabled",
    "stranger": "Stan Stranger",
}


class Company:
    """One organisation of the cast. Each row is read when first asked for, and belongs to the asking test."""

    def __init__(self, slug: str) -> None:
        self.slug = slug

    def person(self, part: str) -> User:
        """The person who plays a part, read anew."""
        return User.objects.get(email=address(self.slug, part))

    @cached_property
    def organisation(self) -> Organisation:
        """The tenant."""
        return Organisation.objects.get(slug=self.slug)

    @cached_property
    def project(self) -> Project:
        """Its project."""
        return Project.objects.get(organisation=self.organisation, slug=NAMES[self.slug][1])

    @cached_property
    def author(self) -> User:
        """May write assets and submit releases."""
        return self.person("author")

    @cached_property
    def approver(self) -> User:
        """May decide and activate."""
        return self.person("approver")

    @cached_property
    def second_approver(self) -> User:
        """May decide and activate, too."""
        return self.person("second_approver")

    @cached_property
    def operator(self) -> User:
        """May start runs and activate."""
        return self.person("operator")

    @cached_property
    def auditor(self) -> User:
        """May read."""
        return self.person("auditor")

    @cached_property
    def owner(self) -> User:
        """The platform owner: grants roles."""
        return self.person("owner")

    @cached_property
    def disabled(self) -> User:
        """Was an auditor; the account is shut."""
        return self.person("disabled")

    @cached_property
    def stranger(self) -> User:
        """Has an account and no role anywhere."""
        return self.person("stranger")

    @cached_property
    def development(self) -> Environment:
        """Unprotected."""
        return Environment.objects.get(organisation=self.organisation, slug="development")

    @cached_property
    def staging(self) -> Environment:
        """Protected."""
        return Environment.objects.get(organisation=self.organisation, slug="staging")

    @cached_property
    def production(self) -> Environment:
        """Protected."""
        return Environment.objects.get(organisation=self.organisation, slug="production")


def address(slug: str, part: str) -> str:
    """The e-mail address of a part's player."""
    return f"{part.replace('_', '-')}@{slug}.example"


def hire() -> None:
    """Write both companies into the current database, through services."""
    for slug in NAMES:
        _found(slug)


def _found(slug: str) -> None:
    name, project_slug = NAMES[slug]
    set_up = User.objects.system("set-up")
    organisation = create_organisation(slug, actor=set_up, name=name)
    owner = _person(slug, "owner", organisation)
    add_owner(organisation, actor=set_up, person=owner)
    project = create_project(organisation, actor=owner, slug=project_slug, name=project_slug.capitalize())
    for rank, place in enumerate(("development", "staging", "production")):
        create_environment(
            organisation,
            actor=owner,
            slug=place,
            name=place.capitalize(),
            rank=rank,
            protected=place != "development",
        )
    set_opening(
        organisation,
        actor=owner,
        kind=Opening.Kind.ENDPOINT,
        name="bank",
        environments=Environment.objects.filter(organisation=organisation),
        reason="The tests' bank.",
    )
    for part, role in HIRED.items():
        person = _person(slug, part, organisation)
        if role is not None:
            grant_role(project, actor=owner, role=role, to=person, reason="hired")
    disable_person(Company(slug).disabled, actor=owner, organisation=organisation)


def _person(slug: str, part: str, organisation: Organisation) -> User:
    set_up = User.objects.system("set-up")
    return create_person(
        address(slug, part), actor=set_up, name=PRINTED[part], password=PASSWORD, organisation=organisation
    )
