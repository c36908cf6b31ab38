"""How commands name people, workflows and environments, each as somebody who acts sees them."""

from django.core.management.base import CommandError

from governance.accounts.models import User
from governance.catalog.models import Asset
from governance.releases.models import Environment


def person_named(email: str) -> User:
    """The person who signs in with this address. Raises `CommandError` where nobody does."""
    person = User.objects.filter(email__iexact=email, kind=User.Kind.PERSON).first()
    if person is None:
        raise CommandError(f"Nobody here has the address {email}.")
    return person


def workflow_named(named: str, *, person: User) -> Asset:
    """The workflow "project/workflow" or "organisation/project/workflow" that this person sees."""
    *place, slug = named.split("/")
    found = Asset.objects.visible_to(person).filter(kind=Asset.Kind.WORKFLOW, slug=slug)
    match place:
        case [project]:
            found = found.filter(project__slug=project)
        case [organisation, project]:
            found = found.filter(project__slug=project, project__organisation__slug=organisation)
        case _:
            raise CommandError("Name the workflow as project/workflow or organisation/project/workflow.")
    match list(found.select_related("project")[:2]):
        case []:
            raise CommandError(f"{person.email} sees no workflow called {named}.")
        case [workflow]:
            return workflow
        case _:
            raise CommandError(
                f"{named} exists in two organisations: name it as organisation/project/workflow."
            )


def environment_named(slug: str, *, workflow: Asset, person: User) -> Environment:
    """The environment of the workflow's organisation."""
    known = Environment.objects.visible_to(person).filter(organisation=workflow.project.organisation_id)
    environment = known.filter(slug=slug).first()
    if environment is None:
        names = ", ".join(known.values_list("slug", flat=True))
        raise CommandError(f"There is no environment called {slug}: choose one of {names}.")
    return environment
