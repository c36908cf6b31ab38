"""The real model that comes with the checkout, asked as any provider is."""

import json
import os

import pytest
from pytest_django import Settings

from portal.embedded.environment import borrow
from portal.embedded.errors import NotInstalled
from portal.embedded.model import Model, require_wheel
from runs.artifacts.opening import bytes_of
from runs.records.models import Run
from tests.factories.cast import Company
from tests.factories.runs import begin, complaint, finish, released
from tests.harness.environment import PLACES
from tests.harness.fresh import FreshDatabase

pytestmark = [pytest.mark.embedded, pytest.mark.slow]


@pytest.fixture(scope="module")
def model() -> dict[str, str]:
    """The address of the model server, started if need be and stopped with the last who uses it."""
    try:
        require_wheel()
    except NotInstalled as problem:
        pytest.skip(str(problem))
    server = Model(PLACES)
    borrow(server)
    return server.environment()


def test_a_real_model_answers_within_the_schema(
    fresh_database: FreshDatabase, northwind: Company, model: dict[str, str], settings: Settings
) -> None:
    weights = model["MODEL_WEIGHTS_SHA256"]
    settings.LLM_PROVIDERS = {
        "default": {
            "base_url": model["LLM_BASE_URL"],
            "api_key": model["LLM_API_KEY"],
            "timeout_seconds": 120,
            "weights_sha256": weights,
        }
    }
    parameters = {"temperature": "0", "max_tokens": 40, "seed": 1}
    content = complaint(northwind, weights_sha256=weights, parameters=parameters)

    run = finish(begin(northwind, released(northwind, content)))

    assert run.state == Run.State.SUCCEEDED, run.error
    label = run.steps.get(node="classify")
    assert label.output is not None
    assert json.loads(bytes_of(label.output))["label"] in {"card", "loan"}
    summary = run.steps.get(node="summarise")
    assert summary.output is not None
    assert len(bytes_of(summary.output)) > 10
    assert summary.facts["model_mismatch"] is False
    assert summary.facts["weights_verified"] is True
    assert summary.tokens_in is not None
    assert summary.tokens_in > 20
    assert os.environ["LLM_BASE_URL"] == "", "nothing leaks into other tests"
