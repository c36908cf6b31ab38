"""`manage.py ledger`: keep the ledger's log, verify it, and what belongs to that."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import ProgrammingError
from psycopg.errors import InsufficientPrivilege

from governance.errors import DomainError
from governance.management.ledger_gaps import ledger_gaps
from governance.management.ledger_keep import keep_ledger, new_key
from governance.management.ledger_keys import restore, rotate
from governance.management.ledger_thaw import thaw_finding
from governance.management.ledger_verify import verify_ledger

NOT_KEEPER = "This is for the keeper's role alone, which LEDGER_DATABASE_URL names: {}"
EXAMINING = {"verify": verify_ledger, "gaps": ledger_gaps}


class Command(BaseCommand):
    """Exit code 1 when the ledger does not hold."""

    help = "Sequence and sign the ledger's events, and verify them from the records."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """One sub-command for each act."""
        acts = parser.add_subparsers(dest="act", required=True)
        acts.add_parser(
            "keep", help="sequence, sign and verify until SIGTERM; one process, with the log's key"
        )
        verify = acts.add_parser("verify", help="derive everything anew from the records; exit code 1 if not")
        verify.add_argument(
            "--from", dest="notes", metavar="NOTE", action="append", help="a note kept outside"
        )
        verify.add_argument("--processes", type=int, default=1, help="hash in so many processes")
        verify.add_argument("--json", action="store_true", help="print one JSON object")
        gaps = acts.add_parser("gaps", help="whether an event or a run is missing; exit code 1 if one is")
        gaps.add_argument("--log", help="an organisation's slug, or the log's name; without it all logs")
        gaps.add_argument("--from", dest="since", metavar="SIZE|NOTE", help="the checkpoint to begin with")
        gaps.add_argument("--to", dest="until", metavar="SIZE|NOTE", help="the checkpoint to end with")
        gaps.add_argument("--json", action="store_true", help="print one JSON object")
        key = acts.add_parser("new-key", help="make a key for the keeper")
        key.add_argument("file", help="where to; a file that is there is never written over")
        thaw = acts.add_parser(
            "thaw", help="let work go on after a finding; without one, list those that stand"
        )
        thaw.add_argument("freeze", nargs="?", help="the finding's identifier")
        thaw.add_argument("--by", metavar="EMAIL", help="the platform owner who looked into it")
        thaw.add_argument("--reason", help="what was found out")
        _add_turning(acts)

    def handle(self, *args: Any, **options: Any) -> None:
        """Do what was asked."""
        try:
            if options["act"] == "keep":
                keep_ledger(self._say)
            elif options["act"] in EXAMINING:
                self._examine(options)
            else:
                acts = {"new-key": new_key, "thaw": thaw_finding, "rotate-key": rotate, "restore": restore}
                self.stdout.write(acts[options["act"]](options))
        except DomainError as problem:
            raise CommandError(problem.message) from problem
        except ProgrammingError as problem:
            if not isinstance(problem.__cause__, InsufficientPrivilege):
                raise
            raise CommandError(NOT_KEEPER.format(str(problem).strip())) from problem

    def _examine(self, options: dict[str, Any]) -> None:
        text, holds = EXAMINING[options["act"]](options)
        self.stdout.write(text)
        if not holds:
            sys.exit(1)

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()


def _add_turning(acts: Any) -> None:
    """How a log goes on by another key, or after a restore."""
    rotate = acts.add_parser("rotate-key", help="have the logs signed by another key from now on")
    rotate.add_argument("--to", metavar="FILE", required=True, help="the new key, of `new-key`")
    restore = acts.add_parser(
        "restore", help="have a log go on after its database was restored from an older backup"
    )
    restore.add_argument("--log", required=True, help="an organisation's short name, or installation")
    for parser in (rotate, restore):
        parser.add_argument("--by", metavar="EMAIL", required=True, help="the platform owner who decides it")
        parser.add_argument("--reason", required=True, help="why, for the log")
