"""What a developer has in the shell or in `.env` changes no test."""

import os
from pathlib import Path

import pytest

from portal.env import Environment
from tests.harness.environment import TAKEN, fix


def test_neither_the_shell_nor_a_file_decides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in TAKEN:  # the processes of the product put the owner's address away
        monkeypatch.setenv(name, os.environ.get(name, ""))
    fix()
    before = Environment()
    file = tmp_path / ".env"
    file.write_text("STATEMENT_TIMEOUT_MS=1\nEMAIL_USE_TLS=false\n")
    monkeypatch.delenv("STATEMENT_TIMEOUT_MS")
    monkeypatch.delenv("EMAIL_USE_TLS")
    monkeypatch.setenv("LEASE_SECONDS", "5")
    monkeypatch.setenv("LLM_MODEL", "another")
    changed = Environment(_env_file=file)  # type: ignore[call-arg]  # a parameter of pydantic-settings
    assert (changed.statement_timeout_ms, changed.lease_seconds) == (1, 5)

    fix()

    assert Environment(_env_file=file) == before  # type: ignore[call-arg]
    assert before.lease_seconds == 30
