"""Where large contents go, as the environment says."""

from typing import Any, Final

from psycopg.conninfo import conninfo_to_dict

from portal.env import Environment

INLINE_BYTES: Final = 65_536
# More than a content may have: all of them are rows.
EVERYTHING: Final = 2**31
S3: Final = "storages.backends.s3"
# How long a bucket may not answer: a page, or a schedule that is due, waits for it.
CONNECT_SECONDS, READ_SECONDS, ATTEMPTS = 3, 10, 2


def artifact_store(env: Environment) -> dict[str, Any]:
    """The entry of `STORAGES`: what is named, else a folder of this machine."""
    if not env.artifact_storage:
        location = env.countersign_var / "artifacts"
        return {"BACKEND": "runs.artifacts.storing.ArtifactFiles", "OPTIONS": {"location": location}}
    options = env.artifact_storage_options
    if env.artifact_storage.startswith(S3) and not {"client_config", "config"} & set(options):
        options = {**options, "client_config": _impatient(options)}
    return {"BACKEND": env.artifact_storage, "OPTIONS": options}


def inline_bytes(env: Environment) -> int:
    """Up to how many bytes a content stands in its row.

    Where the database is on another machine, others may well work on it: a folder of this one would keep
    contents from them, so that without a named store all stand in the database.
    """
    if env.artifact_inline_bytes is not None:
        return env.artifact_inline_bytes
    return EVERYTHING if not env.artifact_storage and is_elsewhere(env.database_url) else INLINE_BYTES


def is_elsewhere(database_url: str) -> bool:
    """Whether the database is on another machine than this."""
    found = conninfo_to_dict(database_url) if database_url else {}
    hosts = str(found.get("host") or found.get("hostaddr") or "").split(",")
    return any(not (host.startswith("/") or host in ("", "localhost", "127.0.0.1", "::1")) for host in hosts)


def _impatient(options: dict[str, Any]) -> Any:
    """As the backend would make it, and with limits of time: it has none of its own for whole minutes."""
    from botocore.config import Config  # type: ignore[import-untyped]

    return Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"total_max_attempts": ATTEMPTS},
        s3={"addressing_style": options.get("addressing_style")},
        signature_version=options.get("signature_version"),
        proxies=options.get("proxies"),
    )
