"""The endpoint as a fixture."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings


@dataclass
class Serving:
    """The running endpoint: where it answers in which manner, and what it was asked."""

    port: int
    witness: Path
    settings: Settings | None = None

    def url(self, manner: str) -> str:
        """The base address of an endpoint that behaves like this."""
        return f"http://127.0.0.1:{self.port}/{manner}/v1"

    def be(self, manner: str, **changed: Any) -> None:
        """From now on the provider `default` is the endpoint that behaves like this."""
        assert self.settings is not None
        found = {
            "base_url": self.url(manner),
            "api_key": "sk-secret",
            "timeout_seconds": 30,
            "weights_sha256": "",
        }
        self.settings.LLM_PROVIDERS = {"default": {**found, **changed}}

    def asked(self) -> list[dict[str, Any]]:
        """Every request so far."""
        return [json.loads(line) for line in self.witness.read_text().splitlines()]


@pytest.fixture(scope="session")
def endpoint_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path]]:
    """One process for the whole session."""
    witness = tmp_path_factory.mktemp("endpoint") / "witness.jsonl"
    command = [sys.executable, "-m", "tests.providers.endpoint", str(witness)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield int(process.stdout.readline()), witness
        process.kill()


@pytest.fixture
def serving(endpoint_process: tuple[int, Path], settings: Settings) -> Serving:
    """The endpoint, with nothing asked yet; it behaves well until told otherwise."""
    port, witness = endpoint_process
    witness.write_text("")
    found = Serving(port, witness, settings)
    found.be("well")
    return found


@dataclass
class Calling:
    """The running HTTP service as the endpoint `bank`, and what it was asked."""

    port: int
    witness: Path
    settings: Settings

    def be(self, manner: str, **changed: Any) -> None:
        """From now on the endpoint behaves like this."""
        found = {
            "base_url": f"http://127.0.0.1:{self.port}/{manner}",
            "api_key": "bank-secret",
            "header": "X-Api-Key",
            "timeout_seconds": 30,
        }
        self.settings.HTTP_ENDPOINTS = {"bank": {**found, **changed}}

    def asked(self) -> list[dict[str, Any]]:
        """Every request so far."""
        return [json.loads(line) for line in self.witness.read_text().splitlines()]


@pytest.fixture(scope="session")
def service_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path]]:
    """One process for the whole session."""
    witness = tmp_path_factory.mktemp("service") / "witness.jsonl"
    command = [sys.executable, "-m", "tests.providers.service", str(witness)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield int(process.stdout.readline()), witness
        process.kill()


@pytest.fixture
def calling(service_process: tuple[int, Path], settings: Settings) -> Calling:
    """The service, with nothing asked yet; it behaves well until told otherwise."""
    port, witness = service_process
    witness.write_text("")
    found = Calling(port, witness, settings)
    found.be("well")
    return found
