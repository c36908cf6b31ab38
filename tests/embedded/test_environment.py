"""Which addresses a command gets when some are set by hand."""

import os
import subprocess
import sys

import pytest

from portal.embedded import environment
from portal.embedded.errors import EmbeddedError
from portal.embedded.listening import listen
from portal.embedded.places import Places
from portal.env import ROOT

NAMES = [
    "DATABASE_URL",
    "OWNER_DATABASE_URL",
    "LEDGER_DATABASE_URL",
    "BROKER_URL",
    "LLM_BASE_URL",
    "LLM_API_KEY",
    "MODEL_WEIGHTS_SHA256",
]
KEYS = ["SECRET_KEY", "ENCRYPTION_KEYS"]


@pytest.fixture(autouse=True)
def bare(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing set but where the data is."""
    for name in [*NAMES, *KEYS]:
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("COUNTERSIGN_VAR", str(places.var))


def test_whatever_is_missing_is_filled_in_and_nothing_is_started(places: Places) -> None:
    environment.fill()
    assert all(os.environ[name] for name in [*NAMES, *KEYS])
    assert len({os.environ[name] for name in KEYS}) == len(KEYS)
    assert str(places.var) in os.environ["BROKER_URL"]
    assert [service.pid() for service in environment.services()] == [None, None, None]


def test_what_is_set_by_hand_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://db.example.org/countersign")
    monkeypatch.setenv("LLM_BASE_URL", "https://models.example.org/v1")
    environment.fill()
    assert os.environ["DATABASE_URL"] == "postgresql://db.example.org/countersign"
    assert os.environ["LLM_BASE_URL"] == "https://models.example.org/v1"
    assert [service.name for service in environment.services()] == ["valkey"]


def test_nothing_of_the_embedded_services_leaks_beside_an_address_set_by_hand(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://db.example.org/countersign")
    monkeypatch.setenv("LLM_BASE_URL", "https://models.example.org/v1")
    environment.fill()
    filled = [
        os.environ[name] for name in ("OWNER_DATABASE_URL", "LLM_API_KEY", "MODEL_WEIGHTS_SHA256", *KEYS)
    ]
    assert filled == [""] * 5


def test_a_child_of_a_command_uses_the_same_services() -> None:
    environment.fill()
    before = dict(os.environ)
    environment.fill()
    assert dict(os.environ) == before
    assert [service.name for service in environment.services()] == ["postgres", "valkey", "model"]


@pytest.mark.embedded
def test_a_command_that_reads_no_row_starts_nothing() -> None:
    script = (
        "import sys; from portal.embedded import environment; environment.prepare(sys.argv)\n"
        "print([service.pid() is not None for service in environment.services()])"
    )
    for command, started in (("help", False), ("shell", True)):
        done = subprocess.run(
            [sys.executable, "-c", script, command], cwd=ROOT, capture_output=True, text=True, check=True
        )
        assert done.stdout == f"[{started}, False, False]\n"
    assert [service.pid() for service in environment.services()] == [None, None, None]


def test_the_next_free_port_is_taken_unless_one_is_insisted_on() -> None:
    with listen(port=20_000, exactly=False) as first:
        taken = first.getsockname()[1]
        with listen(port=taken, exactly=False) as second:
            assert taken < second.getsockname()[1] < taken + 50
            assert second.getsockname()[0] == "127.0.0.1"
        with pytest.raises(EmbeddedError, match=f"Port {taken} is in use"):
            listen(port=taken, exactly=True)


@pytest.mark.embedded
def test_a_service_that_was_asked_to_stay_outlives_its_users_until_it_is_released() -> None:
    server = environment.services()[1]
    environment.keep(server)
    try:
        environment.borrow(server)
        environment.leave(server, os.getpid())
        assert server.alive()
        assert environment.kept(server)
    finally:
        environment.release(server)
    assert not server.alive()
    assert not environment.kept(server)
