"""`manage.py release`: workflow versions are submitted and put into effect, with the checks of the page."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from governance.accounts.models import User
from governance.approvals.models import ApprovalRequest
from governance.catalog.models import Version
from governance.errors import DomainError
from governance.management.naming import environment_named, person_named, workflow_named
from governance.releases.models import Release
from governance.releases.services import activate, submit_release

WORKFLOW = "project/workflow, or organisation/project/workflow"
Options = dict[str, Any]


class Command(BaseCommand):
    """Two acts, each as one of the people. What a person decides is decided at the browser alone."""

    help = "Submit a workflow version to an environment, or put a release into effect."

    def add_arguments(self, parser: CommandParser) -> None:
        """One sub-command for each act."""
        acts = parser.add_subparsers(dest="act", required=True)
        submit = acts.add_parser("submit", help="offer a version, the newest unless its number is given")
        submit.add_argument("workflow", metavar="WORKFLOW[@N]", help=WORKFLOW)
        submit.add_argument("--environment", required=True, help="its slug, such as production")
        submit.add_argument("--notes", default="", help="what changes, for those who review it")
        submit.add_argument("--as", required=True, dest="person", metavar="EMAIL", help="who submits it")
        take = acts.add_parser("activate", help="put a release into effect in its environment")
        take.add_argument("workflow", metavar="WORKFLOW", help=WORKFLOW)
        take.add_argument("number", type=int, help="the release's number, as `submit` says it")
        take.add_argument("--reason", required=True, help="why, for the ledger")
        take.add_argument("--as", required=True, dest="person", metavar="EMAIL", help="who does so")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do what was asked."""
        acts = {"submit": _submitted, "activate": _activated}
        try:
            self.stdout.write(acts[options["act"]](person_named(options["person"]), options))
        except DomainError as problem:
            raise CommandError(problem.message) from problem


def _submitted(person: User, options: Options) -> str:
    named, _, number = options["workflow"].partition("@")
    workflow = workflow_named(named, person=person)
    versions = Version.objects.filter(asset=workflow)
    if number:
        versions = versions.filter(number=number) if number.isdecimal() else versions.none()
    version = versions.order_by("-number").first()
    if version is None:
        raise CommandError(f"There is no version {options['workflow']}.")
    environment = environment_named(options["environment"], workflow=workflow, person=person)
    made = submit_release(version, actor=person, environment=environment, notes=options["notes"])
    needed = made.request.quorum
    waits = f"It waits for {needed} approval{'' if needed == 1 else 's'}"
    ready = made.request.state in ApprovalRequest.CARRIED
    then = "Nobody needs to approve it: it can be put into effect" if ready else waits
    return f"{made}, {version}, is submitted to {environment}, SHA-256 {made.digest}. {then}."


def _activated(person: User, options: Options) -> str:
    workflow = workflow_named(options["workflow"], person=person)
    release = Release.objects.visible_to(person).filter(workflow=workflow, number=options["number"]).first()
    if release is None:
        raise CommandError(f"{workflow.slug} has no release {options['number']}.")
    activate(release, actor=person, reason=options["reason"])
    return f"{release} is in effect in {release.environment}. New runs use it from now on."
