"""`manage.py workflow`: definitions as files: written out, checked, handed in as the next version."""

import argparse
import json
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.db.models import QuerySet

from governance.accounts.models import Project, User
from governance.catalog.content import check_draft
from governance.catalog.definition_schema import definition_schema
from governance.catalog.definition_text import read_definition, written
from governance.catalog.models import Asset, Version
from governance.catalog.services import create_asset, create_version
from governance.errors import DomainError, Invalid, WrongState
from governance.management.naming import person_named

LARGEST_FILE = 2_000_000
PROJECT = "the project's slug, or organisation/project"
Options = dict[str, Any]


class Command(BaseCommand):
    """Four acts on definitions; only `import` writes, and as somebody, with the checks of the page."""

    help = "Export, validate and import workflow definitions as YAML or JSON; print their JSON Schema."

    def add_arguments(self, parser: CommandParser) -> None:
        """One sub-command for each act."""
        acts = parser.add_subparsers(dest="act", required=True)
        export = acts.add_parser("export", help="print a version, the newest unless its number is given")
        export.add_argument("name", metavar="SLUG[@N]")
        export.add_argument("--project", help=PROJECT)
        export.add_argument("--format", choices=("yaml", "json"), default="yaml")
        validate = acts.add_parser("validate", help="check a file; every complaint on a line of its own")
        validate.add_argument("file", type=_text, help="a file, or - for what is piped in")
        validate.add_argument("--project", help=PROJECT)
        handed = acts.add_parser("import", help="make a file the next version of a workflow")
        handed.add_argument("file", type=_text, help="a file, or - for what is piped in")
        handed.add_argument("--project", required=True, help=PROJECT)
        handed.add_argument("--slug", required=True, help="the workflow's name")
        handed.add_argument("--message", required=True, help="what changed, and why, for those who review it")
        handed.add_argument("--by", required=True, metavar="EMAIL", help="who writes it")
        handed.add_argument("--new", action="store_true", help="name the workflow first, if there is none")
        acts.add_parser("schema", help="print the JSON Schema of a definition, for editors")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do what was asked."""
        acts = {"export": _exported, "validate": _validated, "import": _imported, "schema": _schema}
        try:
            self.stdout.write(acts[options["act"]](options).rstrip("\n"))
        except DomainError as problem:
            raise CommandError(_listed(problem)) from problem


def _exported(options: Options) -> str:
    slug, _, number = options["name"].partition("@")
    versions = Version.objects.filter(asset__kind=Asset.Kind.WORKFLOW, asset__slug=slug)
    if options["project"]:
        versions = versions.filter(asset__project__in=_projects(options["project"]))
    if versions.order_by().values("asset").distinct().count() > 1:
        raise CommandError(f"There is a workflow called {slug} in several projects: say which by --project.")
    if number:
        versions = versions.filter(number=number) if number.isdecimal() else versions.none()
    version = versions.order_by("-number").first()
    if version is None:
        raise CommandError(f"There is no workflow {options['name']}.")
    return written(version.document, form=options["format"])


def _validated(options: Options) -> str:
    project = _project(options["project"]) if options["project"] else None
    content = check_draft(read_definition(options["file"]), project=project)
    pins = len(content.pins())
    looked = "" if project or not pins else f" Its {pins} pins were not looked up: name a --project for that."
    return f"Nothing is wrong with it: {len(content.nodes)} nodes.{looked}"


def _imported(options: Options) -> str:
    person = person_named(options["by"])
    draft, project = read_definition(options["file"]), _project(options["project"])
    try:
        with transaction.atomic():
            asset = _asset(project, person, options)
            made = create_version(asset, actor=person, content=draft, message=options["message"])
    except WrongState as problem:
        return problem.message
    return f"{made} is written, SHA-256 {made.digest}."


def _asset(project: Project, person: User, options: Options) -> Asset:
    slug = options["slug"]
    known = Asset.objects.filter(project=project, kind=Asset.Kind.WORKFLOW, slug=slug).first()
    if known is None and not options["new"]:
        raise CommandError(f"{project.slug} has no workflow called {slug}. With --new it gets one.")
    return known or create_asset(project, actor=person, kind=Asset.Kind.WORKFLOW, slug=slug)


def _schema(options: Options) -> str:
    return json.dumps(definition_schema(), indent=2, ensure_ascii=False)


def _projects(named: str) -> QuerySet[Project]:
    organisation, _, slug = named.rpartition("/")
    found = Project.objects.filter(slug=slug)
    return found.filter(organisation__slug=organisation) if organisation else found


def _project(named: str) -> Project:
    match list(_projects(named).select_related("organisation")[:2]):
        case []:
            raise CommandError(f"There is no project called {named}.")
        case [project]:
            return project
        case _:
            raise CommandError(f"{named} exists in two organisations: name it as organisation/project.")


def _text(name: str) -> str:
    """The file's text. Raises for what cannot be read, is too large, or is not UTF-8."""
    try:
        with nullcontext(sys.stdin.buffer) if name == "-" else Path(name).open("rb") as file:
            body = file.read(LARGEST_FILE + 1)
        if len(body) > LARGEST_FILE:
            raise argparse.ArgumentTypeError(f"{name} has more than {LARGEST_FILE:,} bytes")
        return body.decode("utf-8-sig")
    except OSError as problem:
        raise argparse.ArgumentTypeError(f"{name} cannot be read: {problem.strerror}") from problem
    except UnicodeDecodeError as problem:
        raise argparse.ArgumentTypeError(f"{name} is not UTF-8: byte {problem.start + 1:,}") from problem


def _listed(problem: DomainError) -> str:
    """Every complaint on a line of its own, the node before it."""
    if not isinstance(problem, Invalid) or not problem.fields:
        return problem.message
    found = [f"{at}: {reason}" for at, reasons in problem.fields.items() for reason in reasons.split("; ")]
    return "\n".join([f"{len(found)} thing{'s are' if len(found) > 1 else ' is'} wrong.", *found])
