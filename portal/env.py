"""Typed readers for everything that the environment decides; `.env.example` documents each name."""

import json
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any

from cryptography.fernet import Fernet
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict
from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
# A host with its port and perhaps a path; no one's name or key, no query.
Address = Annotated[str, StringConstraints(pattern=r"^https?://[^/@?#\s\\]+(/[^?#\s\\]*)?$")]


class Named(BaseModel):
    """A service outside that workflows and model versions name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base_url: Address
    api_key: SecretStr = SecretStr("")
    timeout_seconds: float = Field(default=30.0, gt=0)

    def plain(self) -> dict[str, Any]:
        """As the settings hold it."""
        return {**self.model_dump(), "api_key": self.api_key.get_secret_value()}


class ModelServer(Named):
    """One more OpenAI-compatible service."""

    timeout_seconds: float = Field(default=120.0, gt=0)
    weights_sha256: str = ""


class HttpEndpoint(Named):
    """An HTTP service; its key is sent in this header, with "Bearer" in Authorization."""

    header: Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9-]{0,60}$")] = "Authorization"


class WitnessElsewhere(BaseModel):
    """Somebody to whom the ledger's checkpoints are shown, and the key of their cosignatures."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, StringConstraints(min_length=1, max_length=80, strip_whitespace=True)]
    url: Address
    vkey: Annotated[str, StringConstraints(max_length=400)]


class Environment(BaseSettings):
    """The process environment, read once; a wrong type stops the start with the name of the variable."""

    # What was given may be a key: no message repeats it.
    model_config = SettingsConfigDict(env_file=ROOT / ".env", extra="ignore", hide_input_in_errors=True)

    secret_key: SecretStr = SecretStr("")
    debug: bool = False
    allowed_hosts: str = "localhost,127.0.0.1,[::1]"
    secure_cookies: bool = False
    trusted_origins: str = ""
    trusted_proxies: Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode] = ()

    database_url: str = ""
    owner_database_url: str = ""
    broker_url: str = ""
    countersign_var: Path = ROOT / "var"

    llm_base_url: str = ""
    llm_api_key: SecretStr = SecretStr("")
    llm_model: str = "smollm2-135m-instruct"
    llm_timeout_seconds: float = Field(default=120.0, gt=0)
    model_weights_sha256: str = ""
    llm_providers: dict[Name, ModelServer] = {}
    http_endpoints: dict[Name, HttpEndpoint] = {}
    encryption_keys: SecretStr = SecretStr("")
    evidence_key_file: str = ""

    ledger_origin: Annotated[str, StringConstraints(pattern=r"^([a-z0-9][a-z0-9./-]{0,180})?$")] = ""
    ledger_database_url: str = ""
    ledger_key_file: str = ""
    ledger_state: str = ""
    ledger_checkpoint_seconds: float = Field(default=10.0, gt=0)
    witnesses: Annotated[tuple[WitnessElsewhere, ...], NoDecode] = ()

    lease_seconds: float = Field(default=30.0, gt=0)
    sweep_seconds: float = Field(default=1.0, gt=0)
    retention_notice_hours: int = Field(default=168, ge=1)
    artifact_inline_bytes: int | None = Field(default=None, ge=0)
    artifact_storage: str = ""
    artifact_storage_options: dict[str, Any] = {}
    document_max_bytes: int = Field(default=200_000, gt=0)
    webhook_max_bytes: int = Field(default=256_000, gt=0)
    webhook_per_minute: int = Field(default=600, gt=0)
    webhook_sender_per_minute: int = Field(default=600, gt=0)
    statement_timeout_ms: int = Field(default=30_000, ge=0)
    step_function_modules: str = ""

    email_host: str = ""
    email_port: int = Field(default=587, gt=0, lt=65536)
    email_user: str = ""
    email_password: SecretStr = SecretStr("")
    email_use_tls: bool = True
    email_from: str = "countersign@localhost"

    @field_validator("witnesses", mode="before")
    @classmethod
    def _as_json(cls, value: object) -> object:
        """They are given as a list in JSON; what is empty names nobody."""
        return json.loads(value or "[]") if isinstance(value, str) else value

    @field_validator("artifact_inline_bytes", mode="before")
    @classmethod
    def _unless_empty(cls, value: object) -> object:
        """What is empty is not said."""
        return None if value == "" else value

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _separate(cls, value: object) -> object:
        """Networks and addresses are given as one comma-separated text."""
        return cls.listed(value) if isinstance(value, str) else value

    @field_validator("encryption_keys")
    @classmethod
    def _are_keys(cls, value: SecretStr) -> SecretStr:
        """Each opens and shuts: a key that is none is noticed now, not with the first secret."""
        for key in cls.listed(value.get_secret_value()):
            Fernet(key)
        return value

    @staticmethod
    def listed(value: str) -> list[str]:
        """Comma-separated text as a list without blanks."""
        return [part.strip() for part in value.split(",") if part.strip()]


def database(url: str, *, statement_timeout_ms: int) -> dict[str, Any]:
    """Django's connection settings for a `postgresql://` address, sockets included.

    Raises `ValueError` when the address is not one that PostgreSQL's client library understands.
    """
    try:
        parts = {key: str(value) for key, value in conninfo_to_dict(url).items() if value is not None}
    except ProgrammingError as problem:
        raise ValueError(f"not a PostgreSQL address: {problem}") from problem
    known = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    settings: dict[str, Any] = {name: parts.pop(key, "") for key, name in known.items()}
    # Planning a prepared statement costs more than executing it; none of ours is better for knowing values.
    options = "-c plan_cache_mode=force_generic_plan"
    if statement_timeout_ms:
        options += f" -c statement_timeout={statement_timeout_ms}"
    return {
        "ENGINE": "django.db.backends.postgresql",
        **settings,
        "OPTIONS": {**parts, "options": options, "application_name": "countersign"},
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }
