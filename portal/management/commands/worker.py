"""`manage.py worker`: executes runs."""

import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

from governance.errors import WrongState
from governance.ledger.self_test import refuse_unless_protected
from portal.working import LISTENS, Post, work

THREADS = 4


class Command(BaseCommand):
    """One worker, until SIGTERM or Ctrl-C."""

    help = (
        "Execute runs. Steps of the pool “io” wait for models and others and share a process, in threads; "
        "those of the pool “cpu” compute, each in a process of its own; “all” executes both in threads."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """What to execute, and how much of it at a time."""
        parser.add_argument("--pool", choices=sorted(LISTENS), default="all", help="default: all")
        parser.add_argument("--threads", type=int, help=f"of the pools io and all; default: {THREADS}")
        parser.add_argument("--processes", type=int, help="of the pool cpu; default: one for each processor")

    def handle(
        self, *args: Any, pool: str, threads: int | None, processes: int | None, **options: Any
    ) -> None:
        """Work until a signal."""
        forked = pool == "cpu"
        if (threads if forked else processes) is not None:
            raise CommandError("The pool cpu takes --processes, the others take --threads.")
        slots = (processes or os.cpu_count() or 1) if forked else (threads or THREADS)
        if slots < 1 or 0 in (threads, processes):
            raise CommandError("A worker executes one run at a time at least.")
        try:
            refuse_unless_protected()
        except WrongState as problem:
            raise CommandError(problem.message) from problem
        connections.close_all()  # those that are forked open their own
        work(Post(pool, slots, forked=forked))
