"""`manage.py import_runs`: takes over runs that ended elsewhere, a file of them or none."""

import sys
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from governance.accounts.models import Project, User
from governance.errors import DomainError
from runs.lineage.bulk import import_runs


class Command(BaseCommand):
    """Prints how many were taken over."""

    help = (
        "Import runs that ended elsewhere, with their steps and what each read and made, from a file "
        "with one JSON object a line. All of them or none; an error names its line. README.md shows a line."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """The file, where to, by whom and why."""
        parser.add_argument("file", help="the file; - reads the standard input")
        parser.add_argument("--project", required=True, help="project, or organisation/project")
        parser.add_argument("--by", required=True, metavar="EMAIL", help="the platform owner who does it")
        parser.add_argument("--reason", required=True, help="where the runs come from; stands in the ledger")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import and count."""
        person = User.objects.filter(email__iexact=options["by"], kind=User.Kind.PERSON).first()
        if person is None:
            raise CommandError(f"Nobody here has the address {options['by']}.")
        project = _project(options["project"], person)
        try:
            done = import_runs(project, actor=person, lines=_lines(options["file"]), reason=options["reason"])
        except OSError as problem:
            raise CommandError(f"{options['file']} cannot be read: {problem.strerror}") from problem
        except DomainError as problem:
            raise CommandError(f"{problem.message} Nothing was imported.") from problem
        counted = f"{done.runs:,} runs, {done.steps:,} steps, {done.edges:,} edges"
        self.stdout.write(f"imported {counted}, sha256 {done.sha256}")


def _lines(file: str) -> Iterator[bytes]:
    if file == "-":
        yield from sys.stdin.buffer
        return
    with open(file, "rb") as opened:
        yield from opened


def _project(named: str, person: User) -> Project:
    organisation, _, slug = named.rpartition("/")
    found = Project.objects.visible_to(person).filter(slug=slug)
    if organisation:
        found = found.filter(organisation__slug=organisation)
    match list(found[:2]):
        case []:
            raise CommandError(f"{person.email} sees no project called {named}.")
        case [project]:
            return project
        case _:
            raise CommandError(f"{named} exists in two organisations: name it as organisation/project.")
