"""A database that one test has to itself."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar
from urllib.parse import quote

import psycopg
from django.db import connection, connections

from tests.harness.databases import Databases

T = TypeVar("T")
IN_THE_NAME_OF_THE_SET_UP = """
    SELECT set_config('countersign.actor', id::text, false) FROM accounts_user
    WHERE email = 'set-up@system.invalid'
"""


class FreshDatabase:
    """Both of Django's aliases point at it while the test runs; other roads lead there too."""

    def __init__(self, databases: Databases, name: str) -> None:
        self._databases = databases
        self.name = name

    def connect(self, alias: str = "default") -> psycopg.Connection:
        """A connection of psycopg's own, autocommit, as the application (`default`) or as the owner.

        What the owner changes of what governs is told in the name of the set-up.
        """
        made = psycopg.connect(**self._databases.address(alias, database=self.name), autocommit=True)
        if alias == "owner":
            made.execute(IN_THE_NAME_OF_THE_SET_UP)
        return made

    def backup(self) -> str:
        """What stands in it now, set aside in another database."""
        connections.close_all()
        return self._databases.copy(self.name)

    def restore(self, backup: str) -> None:
        """Have what was set aside in the place of what stands in it now."""
        self._databases.use(backup)
        self._databases.drop(self.name)
        self.name = backup

    def environment(self) -> dict[str, str]:
        """The addresses for a child process."""
        return {"DATABASE_URL": self._url("default"), "OWNER_DATABASE_URL": self._url("owner")}

    def at_once(self, *calls: Callable[[], T]) -> list[T | Exception]:
        """Make the calls in threads of their own, each with its own connection, all starting together.

        Answers what each returned or raised, in order.
        """
        start = Barrier(len(calls))

        def made(call: Callable[[], T]) -> T | Exception:
            try:
                connection.ensure_connection()
                start.wait(timeout=60)
                return call()
            except Exception as problem:  # it is the answer
                return problem
            finally:
                connections.close_all()

        with ThreadPoolExecutor(len(calls)) as threads:
            return list(threads.map(made, calls))

    def _url(self, alias: str) -> str:
        parts = self._databases.address(alias, database=self.name)
        who = f"{quote(parts['user'], safe='')}:{quote(parts.get('password', ''), safe='')}"
        host, port = quote(parts.get("host", ""), safe=""), parts.get("port", "")
        return f"postgresql://{who}@/{parts['dbname']}?host={host}" + (f"&port={port}" if port else "")
