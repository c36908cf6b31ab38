"""System checks: what must hold before anything is served. `/readyz` asks for those of the database."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import connections
from django.db.utils import DatabaseError

from portal.database.protection import faults, makes_large_objects, reaches_beside, signs_for_all
from portal.stores import EVERYTHING

SHORTEST_KEY = 32
ROLES_HINT = (
    "Run `manage.py migrate` as the owner (OWNER_DATABASE_URL), with DATABASE_URL naming another role."
)
LARGE_OBJECTS = "The application's role may make large objects, which no trigger and no ledger knows of."
KEYS_HINT = "Set it to a key as .env.example says; keep it apart from SECRET_KEY."
ALL_ARE_ONE = (
    "TRUSTED_PROXIES is empty: behind a reverse proxy everybody has the proxy's address, so that one who "
    "signs in or sends wrongly holds up all others, and no record says where anything came from."
)
PROXIES_HINT = (
    "Name the addresses from which your proxies reach the portal, as .env.example says, and no others: what "
    "they say of a visitor is believed."
)
BESIDE_HINT = "Take the privilege away; if a newer portal made the table, start this process anew."
CONTENTS_HINT = (
    "Where web and workers run on several machines, name a store that all reach (ARTIFACT_STORAGE), or keep "
    "all contents in the database by a large ARTIFACT_INLINE_BYTES; .env.example says how."
)
ONE_FOR_ALL = (
    "The ledger's keeper has no role of its own: the application's may sign, say what was verified, and let "
    "work go on after a finding."
)
ONE_FOR_ALL_HINT = "Set LEDGER_DATABASE_URL as .env.example says and run `manage.py migrate`."
LARGE_OBJECTS_HINT = (
    "As the server's administrator, run portal/embedded/sql/large_objects.sql in the portal's database."
)


@register(Tags.database)
def the_ledger_is_protected(
    *, app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None, **kwargs: Any
) -> list[CheckMessage]:
    """The application's role may do what the product needs and nothing that could undo a record."""
    if "default" not in (databases or ()):
        return []
    try:
        found = faults(connections["default"])
        reached = reaches_beside(connections["default"])
        beside = makes_large_objects(connections["default"])
        one_for_all = signs_for_all(connections["default"])
    except DatabaseError as problem:
        return [Error(f"The database cannot be asked: {problem}", hint=ROLES_HINT, id="portal.E002")]
    warnings = [Warning(table, hint=BESIDE_HINT, id="portal.W004") for table in reached]
    warnings += [Warning(ONE_FOR_ALL, hint=ONE_FOR_ALL_HINT, id="portal.W006")] if one_for_all else []
    warnings += [Warning(LARGE_OBJECTS, hint=LARGE_OBJECTS_HINT, id="portal.W001")] if beside else []
    return [*(Error(fault, hint=ROLES_HINT, id="portal.E001") for fault in found), *warnings]


@register(Tags.security, deploy=True)
def secrets_can_be_kept(*, app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Without a key there are no webhooks, whose secrets must be read again to check a signature."""
    if settings.ENCRYPTION_KEYS:
        return []
    return [Warning("ENCRYPTION_KEYS is empty: no webhook can be opened.", hint=KEYS_HINT, id="portal.W002")]


@register(deploy=True)
def contents_are_reached(*, app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """A folder of this machine keeps large contents from the workers of another: their runs would wait."""
    store, most = settings.STORAGES["artifacts"], settings.ARTIFACT_INLINE_BYTES
    if not store["BACKEND"].endswith("ArtifactFiles") or most >= EVERYTHING:
        return []
    said = f"Contents of more than {most:,} bytes are files of this machine, which no other one reads."
    return [Warning(said, hint=CONTENTS_HINT, id="portal.W005")]


@register(Tags.security, deploy=True)
def proxies_are_named(*, app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """The web server listens on its own machine alone, so whoever is not there comes through a proxy."""
    if settings.TRUSTED_PROXIES:
        return []
    return [Warning(ALL_ARE_ONE, hint=PROXIES_HINT, id="portal.W003")]


@register(Tags.security, deploy=True)
def the_secret_key_is_set(*, app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Without a key of its own, a portal would sign sessions that anybody can make."""
    if len(settings.SECRET_KEY) >= SHORTEST_KEY:
        return []
    return [Error("SECRET_KEY is empty or short.", hint="Set it to 50 random characters.", id="portal.E003")]
