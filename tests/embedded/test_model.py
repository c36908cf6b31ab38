"""The embedded model server: SmolLM2 behind an OpenAI-compatible endpoint, for those who hold the key."""

import hashlib
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest

from portal.embedded.model import Model
from portal.embedded.places import Places
from portal.embedded.weights import weights_file
from tests.embedded.conftest import kill
from tests.waiting import wait_until

pytestmark = pytest.mark.embedded


@pytest.fixture(scope="module")
def model(shared_places: Places) -> Iterator[Model]:
    """A running model server."""
    server = Model(shared_places)
    server.ensure()
    yield server
    server.stop()


def ask(model: Model, *, key: str) -> httpx.Response:
    return httpx.post(
        f"{model.environment()['LLM_BASE_URL']}/chat/completions",
        headers={"Authorization": f"Bearer {key}"},
        json={"messages": [{"role": "user", "content": "Say hello."}], "max_tokens": 8, "temperature": 0},
        timeout=60,
    )


def test_it_answers_on_the_loopback_address_with_its_name_and_usage(model: Model) -> None:
    settings = model.environment()
    answer = ask(model, key=settings["LLM_API_KEY"]).json()
    assert urlsplit(settings["LLM_BASE_URL"]).hostname == "127.0.0.1"
    assert answer["model"] == "smollm2-135m-instruct"
    assert answer["choices"][0]["message"]["content"].strip()
    assert 0 < answer["usage"]["completion_tokens"] <= 8


def test_a_request_without_the_key_is_refused(model: Model) -> None:
    assert ask(model, key="guess").status_code == 401


def test_the_digest_is_that_of_the_weights_and_follows_a_change(model: Model) -> None:
    digest = hashlib.sha256(weights_file().read_bytes()).hexdigest()
    assert model.environment()["MODEL_WEIGHTS_SHA256"] == digest
    memory = model.places.var / "weights.json"
    memory.write_text(memory.read_text().replace(digest, "0" * 64).replace('"size": 9', '"size": 8'))
    assert model.environment()["MODEL_WEIGHTS_SHA256"] == digest


def test_a_killed_server_comes_back_at_the_same_address(model: Model) -> None:
    address, first = model.environment()["LLM_BASE_URL"], model.pid()
    kill(first)
    wait_until(lambda: model.pid() is None)

    model.ensure()

    assert model.environment()["LLM_BASE_URL"] == address
    assert ask(model, key=model.environment()["LLM_API_KEY"]).status_code == 200


def test_a_port_that_somebody_else_has_taken_is_given_up(places: Places) -> None:
    server = Model(places)
    wanted = server.environment()["LLM_BASE_URL"]
    with socket.create_server(("127.0.0.1", urlsplit(wanted).port or 0)):
        server.ensure()
        try:
            assert server.environment()["LLM_BASE_URL"] != wanted
            assert ask(server, key=server.environment()["LLM_API_KEY"]).status_code == 200
        finally:
            server.stop()
