"""Fill in the addresses that the person running a command left out.

`manage.py` calls `prepare` before Django reads its settings. What is set by hand (in the environment or in
`.env`) always stands; only what is missing comes from the embedded services of the checkout.
"""

import atexit
import os
from collections.abc import Sequence

from portal.embedded.errors import EmbeddedError, NotInstalled
from portal.embedded.keyring import keyring
from portal.embedded.model import Model
from portal.embedded.places import Places
from portal.embedded.postgres import Postgres
from portal.embedded.valkey import Valkey
from portal.env import Environment

Service = Postgres | Valkey | Model

# This one runs where no portal is: nothing is read for it, and nothing made.
ELSEWHERE = "witness"
# These read no row, so nothing is started for them.
WITHOUT_DATABASE = {
    "", "-h", "--help", "--version", "help", "version", "check", "collectstatic", "diffsettings",
    "findstatic", "makemessages", "model_server", "services", "spectacular", "startapp",
}  # fmt: skip

# Done by the keeper's role, where it has one of its own.
KEEPING = {"keep", "thaw", "rotate-key", "restore"}


def places() -> Places:
    """The folders of this checkout, or of the one that COUNTERSIGN_VAR names."""
    return Places(Environment().countersign_var.resolve())


def services() -> list[Service]:
    """The embedded services in use here, in starting order: those whose address nobody has set otherwise."""
    here = places()
    return [service for service in (Postgres(here), Valkey(here), Model(here)) if _ours(service)]


def _ours(service: Service) -> bool:
    """Whether the address is missing, or is the embedded one because a parent process filled it in."""
    chosen = str(getattr(Environment(), service.setting.lower()))
    try:
        return chosen in ("", service.environment()[service.setting])
    except NotInstalled:
        return not chosen


def fill() -> None:
    """Set the missing addresses, and generated keys where the database is the embedded one.

    Starts nothing.
    """
    values: dict[str, str] = {"COUNTERSIGN_VAR": str(places().var)}
    for service in services():
        try:
            values.update(service.environment())
        except NotInstalled:
            continue  # who needs it is told when it is to be started
        if isinstance(service, Postgres):
            values.update(_keys(service))
    os.environ.update(values)


def _keys(service: Postgres) -> dict[str, str]:
    """The keys of the checkout, but for those that somebody has set."""
    here, ring = Environment(), keyring(service.places)
    made = {"SECRET_KEY": ring.secret_key, "ENCRYPTION_KEYS": ring.encryption_key}
    return {name: key for name, key in made.items() if not getattr(here, name.lower()).get_secret_value()}


def prepare(argv: Sequence[str]) -> None:
    """Make the coming command able to run: fill in the addresses, have PostgreSQL running where it is ours.

    The server stops with the last command that uses it, unless `services start` asked it to stay. Ends the
    command with a plain message when that fails.
    """
    command = argv[1] if len(argv) > 1 else ""
    if command == ELSEWHERE:
        return
    try:
        fill()
        if command not in WITHOUT_DATABASE and "--help" not in argv:
            for service in services():
                if isinstance(service, Postgres):
                    borrow(service)
        if command == "ledger" and KEEPING.intersection(argv):
            os.environ["DATABASE_URL"] = keepers_address()
    except (EmbeddedError, OSError) as problem:
        raise SystemExit(f"{problem}") from None


def keepers_address() -> str:
    """The database's address for the ledger's keeper: by its own role, or by the application's."""
    here = Environment()
    return here.ledger_database_url or here.database_url


def borrow(service: Service) -> None:
    """Have the service running for as long as this process lives."""
    here = service.places
    here.prepare()
    service.tenancy.enter()
    atexit.register(leave, service, os.getpid())
    service.ensure()


def leave(service: Service, borrower: int) -> None:
    """Stop the service if nobody else uses it and nobody asked it to stay.

    A forked child leaves that to its parent.
    """
    if os.getpid() != borrower:
        return
    with service.tenancy.leaving() as last:
        if last and not kept(service):
            service.stop()


def kept(service: Service) -> bool:
    """Whether `services start` asked this service to stay."""
    return (service.places.run / f"{service.name}.kept").exists()


def keep(service: Service) -> None:
    """Start the service and let it stay until `release`."""
    service.places.prepare()
    service.tenancy.enter()
    service.ensure()
    (service.places.run / f"{service.name}.kept").touch()
    with service.tenancy.leaving():
        pass


def release(service: Service) -> None:
    """Stop the service now, whoever uses it."""
    (service.places.run / f"{service.name}.kept").unlink(missing_ok=True)
    service.stop()
