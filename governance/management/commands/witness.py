"""`manage.py witness`: cosign the checkpoints of logs, on a machine that those who keep them do not own."""

import signal
from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError, CommandParser

from governance.errors import DomainError
from governance.merkle.errors import NoteMalformed
from governance.merkle.keys import Key, check_name, parse_vkey
from governance.proof.keys import make_key, read_key
from governance.witness.judging import Trusted, Witness, log_key, witness_key
from governance.witness.remembering import held
from governance.witness.serving import server

LARGEST_PORT = 65_535


class Command(BaseCommand):
    """Needs its flags and nothing else: no database, no setting, no key of the portal."""

    help = "Cosign the checkpoints of logs (C2SP tlog-witness). It needs neither a database nor a setting."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """One sub-command for each act."""
        acts = parser.add_subparsers(dest="act", required=True)
        key = acts.add_parser("new-key", help="make a witness's key and print its verifier key")
        serve = acts.add_parser("serve", help="answer POST /add-checkpoint until SIGTERM")
        key.add_argument("--key", required=True, type=Path, help="where to; a file is never written over")
        serve.add_argument("--key", required=True, type=Path, help="the file with the private key")
        for act in (key, serve):
            act.add_argument("--name", required=True, type=_name, help="the witness's name in cosignatures")
        serve.add_argument("--state", required=True, type=Path, help="its memory, a folder; never lose it")
        serve.add_argument("--listen", required=True, type=_address, metavar="HOST:PORT")
        serve.add_argument(
            "--log", type=_log_key, default=[], action="append", metavar="VKEY",
            help="a log's verifier key; again for another, or for the key that it is rotated to",
        )  # fmt: skip
        serve.add_argument(
            "--installation", type=_log_key, default=[], action="append", metavar="VKEY",
            help="an installation's: its own log and every log below its name",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        """Do what was asked."""
        try:
            if options["act"] == "new-key":
                self.stdout.write(witness_key(make_key(options["key"]), options["name"]).vkey)
            else:
                self._serve(options)
        except DomainError as problem:
            raise CommandError(problem.message) from problem
        except OSError as problem:
            raise CommandError(f"The witness cannot start: {problem}") from problem

    def _serve(self, options: dict[str, Any]) -> None:
        trusted = Trusted(options["log"], options["installation"])
        if not (trusted.logs or trusted.installations):
            raise CommandError("Name a log by --log, or an installation by --installation.")
        signal.signal(signal.SIGTERM, _stop)
        host, port = options["listen"]
        key = read_key(options["key"])
        with held(options["state"]) as seen:
            witness = Witness(key, options["name"], trusted=trusted, seen=seen)
            serving = server(witness, host=host, port=port)
            self.stdout.write(f"{witness.vkey} at http://{host}:{serving.effective_port}")
            self.stdout.flush()
            serving.run()


def _name(text: str) -> str:
    try:
        check_name(text)
    except NoteMalformed as problem:
        raise ArgumentTypeError(str(problem)) from None
    return text


def _log_key(text: str) -> Key:
    try:
        return log_key(parse_vkey(text))
    except NoteMalformed as problem:
        raise ArgumentTypeError(str(problem)) from None


def _address(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not (colon and host and port.isascii() and port.isdecimal() and int(port) <= LARGEST_PORT):
        raise ArgumentTypeError("an address is HOST:PORT; port 0 takes a free one")
    return host.removeprefix("[").removesuffix("]"), int(port)


def _stop(*_: object) -> NoReturn:
    raise SystemExit(0)
