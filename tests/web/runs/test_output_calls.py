"""What the provenance page says of re-asked and fallback answers, of HTTP calls and of expressions."""

from runs.records.models import Run
from tests.factories.calls import SCHEMA, asking, calling_bank
from tests.factories.cast import Company
from tests.factories.runs import begin, finish, released
from tests.factories.things import make_model
from tests.providers.serving import Calling, Serving
from tests.visiting import Browsing
from tests.web.runs.reading import page_of, text_of


def test_an_answer_that_was_handed_back_is_shown_with_the_whole_conversation(
    northwind: Company, serving: Serving, browsing: Browsing
) -> None:
    serving.be("corrected")
    content = asking(northwind, output_schema=SCHEMA, reask=2)
    run = finish(begin(northwind, released(northwind, content)))

    said = text_of(page_of(browsing, northwind, run.steps.get()))

    assert "after 1 answer that did not fit was handed back to it" in said
    assert "Handed back 1 time The answer does not fit the step&#x27;s schema at $.label" in said
    sent = said[said.index("What the model was sent") :]
    assert "This answer was refused." in sent
    assert "pirates" in sent


def test_an_answer_of_the_fallback_says_in_whose_place(
    northwind: Company, serving: Serving, browsing: Browsing
) -> None:
    serving.be("broken")
    assert serving.settings is not None
    there = {"base_url": serving.url("well"), "timeout_seconds": 30}
    serving.settings.LLM_PROVIDERS = {**serving.settings.LLM_PROVIDERS, "second": there}
    second = make_model(northwind, provider="second", model="second-model")
    content = asking(northwind, fallback=second)
    run = finish(begin(northwind, released(northwind, content)))

    said = text_of(page_of(browsing, northwind, run.steps.get()))

    assert f"This text was written by {second}" in said
    assert "whose provider had failed," in said
    assert "answered with status 500" in said[said.index("In place of") :]


def test_an_http_call_says_whom_it_called(northwind: Company, calling: Calling, browsing: Browsing) -> None:
    run = finish(begin(northwind, released(northwind, calling_bank())))

    said = text_of(page_of(browsing, northwind, run.steps.get()))

    assert "This is what 127.0.0.1 answered with status 200, called with GET as the endpoint “bank”" in said
    assert "The call Endpoint bank Sent to 127.0.0.1 Method GET Status 200" in said


def test_an_expression_is_said_to_be_one(northwind: Company, browsing: Browsing) -> None:
    node = {"kind": "transform", "key": "measure", "expression": "length(letter)"}
    content = {
        "inputs": [{"name": "letter"}],
        "nodes": [{**node, "inputs": {"letter": "$letter"}}],
        "start": "measure",
        "output": "measure",
    }
    run = finish(begin(northwind, released(northwind, content)))
    assert run.state == Run.State.SUCCEEDED, run.error

    said = text_of(page_of(browsing, northwind, run.steps.get()))

    assert "This output was computed by the expression of the step measure , from the letter" in said
