"""`manage.py evidence`: bundles, the policy of whom to trust, and `verify.py`, from the command line."""

import argparse
import json
import sys
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from governance.accounts.models import Organisation, User
from governance.errors import DomainError
from runs.artifacts.classes import MASKED
from runs.evidence.assemble import assembled
from runs.evidence.policy import policy_of
from runs.evidence.services import make_bundle
from runs.evidence.subject import About, subject_of
from runs.reading.reasons import PURPOSES

Options = dict[str, Any]


class Command(BaseCommand):
    """A bundle is made as one of the people, with the checks of the page."""

    help = "Make a bundle of evidence; print the policy that it is examined under, or verify.py."

    def add_arguments(self, parser: CommandParser) -> None:
        """One sub-command for each thing that can be had."""
        acts = parser.add_subparsers(dest="act", required=True)
        for kind in About:
            act = acts.add_parser(kind.value, help=f"make a bundle of {HELP[kind]}")
            act.add_argument("id", type=UUID, help=f"the identifier of {NAMED[kind]}")
            _asked(act)
            if kind == About.PERIOD:
                act.add_argument("--first", type=date.fromisoformat, required=True, metavar="DAY")
                act.add_argument("--last", type=date.fromisoformat, required=True, metavar="DAY")
        policy = acts.add_parser("policy", help="print the policy for an organisation's evidence")
        policy.add_argument("organisation", help="its slug")
        acts.add_parser("verifier", help="print verify.py, which examines bundles without the portal")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do what was asked."""
        acts = {"policy": self._policy, "verifier": self._verifier}
        try:
            acts.get(options["act"], self._bundle)(options)
        except DomainError as problem:
            raise CommandError(problem.message) from problem

    def _bundle(self, options: Options) -> None:
        person = User.objects.filter(email__iexact=options["person"], kind=User.Kind.PERSON).first()
        if person is None:
            raise CommandError(f"Nobody here has the address {options['person']}.")
        days = {name: options[name] for name in ("first", "last") if name in options}
        subject = subject_of(options["act"], options["id"], actor=person, **days)
        made = make_bundle(
            subject,
            actor=person,
            purpose=options["purpose"],
            reason=options["reason"],
            reveal=options["reveal"],
            trusted=_read(options["trusted"]) if options["trusted"] else "",
        )
        try:
            Path(options["output"]).write_bytes(made.content)
        except OSError as problem:
            raise CommandError(f"{options['output']} cannot be written: {problem.strerror}.") from problem
        self.stdout.write(f"{options['output']}: {made.events} records, sha256 {made.sha256}")

    def _policy(self, options: Options) -> None:
        organisation = Organisation.objects.filter(slug=options["organisation"]).first()
        if organisation is None:
            raise CommandError(f"There is no organisation {options['organisation']}.")
        self.stdout.write(json.dumps(policy_of(organisation), indent=1))

    def _verifier(self, options: Options) -> None:
        """The bytes as they are digested, whatever the terminal's encoding."""
        target = getattr(sys.stdout, "buffer", None)
        if target is None:
            self.stdout.write(assembled().decode(), ending="")
        else:
            target.write(assembled())


HELP = {
    About.OUTPUT: "what a step made",
    About.RUN: "a run",
    About.RELEASE: "a release and its runs",
    About.PERIOD: "a project's log from one day to another",
}
NAMED = {
    About.OUTPUT: "the step",
    About.RUN: "the run",
    About.RELEASE: "the release",
    About.PERIOD: "the project",
}


def _asked(act: argparse.ArgumentParser) -> None:
    act.add_argument("--by", required=True, dest="person", metavar="EMAIL", help="who asks for it")
    act.add_argument("--purpose", required=True, choices=tuple(PURPOSES), help="what it is for")
    act.add_argument("--reason", required=True, help="why, in words")
    act.add_argument(
        "--reveal", action="append", default=[], choices=MASKED, help="include contents of this class"
    )
    act.add_argument("--trusted", metavar="FILE", help="an earlier checkpoint that the reader holds")
    act.add_argument("-o", "--output", required=True, metavar="FILE", help="the zip file to write")


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise CommandError(f"{path} cannot be read: {problem}.") from problem
