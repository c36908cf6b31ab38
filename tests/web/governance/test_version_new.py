"""GET and POST /assets/<id>/new-version/"""

import json
import re
from typing import Any

import pytest
from django.urls import reverse

from governance.catalog.models import Asset, Version
from governance.catalog.services import create_asset
from tests.factories.cast import Company
from tests.factories.things import make_model, make_prompt, make_workflow, workflow_content
from tests.visiting import Browsing


def address_of(asset: Asset) -> str:
    return reverse("governance:version-new", args=[asset.pk])


def prompt_form(*messages: str, variables: tuple[str, ...] = ("letter",), **more: str) -> dict[str, Any]:
    rows: dict[str, Any] = {"messages-TOTAL_FORMS": len(messages), "messages-INITIAL_FORMS": 0}
    for number, text in enumerate(messages):
        rows |= {f"messages-{number}-role": "user", f"messages-{number}-content": text}
    rows |= {"variables-TOTAL_FORMS": len(variables), "variables-INITIAL_FORMS": 0}
    for number, name in enumerate(variables):
        rows |= {f"variables-{number}-name": name, f"variables-{number}-description": "what it is"}
    return {**rows, "message": "why not", "step": "create", **more}


def model_form(**changed: str) -> dict[str, str]:
    given = {
        "provider": "default",
        "model": "smollm2-135m-instruct",
        "temperature": "0.30",
        "top_p": "1",
        "frequency_penalty": "0",
        "max_tokens": "64",
        "context_tokens": "8192",
        "message": "warmer",
        "step": "create",
    }
    return {**given, **changed}


def test_a_prompt_is_written_with_its_rows_and_line_ends_made_plain(
    northwind: Company, browsing: Browsing
) -> None:
    asset = make_prompt(northwind).asset
    given = prompt_form("Be kind.\r\n{letter}", "", variables=("letter", ""))
    answer = browsing(northwind.author).post(address_of(asset), given)
    made = asset.versions.get(number=2)
    assert answer.headers["Location"] == reverse("governance:version", args=[made.pk])
    assert made.document["messages"] == [{"role": "user", "content": "Be kind.\n{letter}"}]
    assert made.message == "why not"


def test_the_editor_starts_from_the_newest_version(northwind: Company, browsing: Browsing) -> None:
    version = make_prompt(northwind, text="Take this as it stands.")
    page = browsing(northwind.author).get(address_of(version.asset)).content.decode()
    assert "Take this as it stands." in page
    assert 'value="letter"' in page


def test_one_row_more_keeps_what_was_typed_and_writes_nothing(northwind: Company, browsing: Browsing) -> None:
    asset = make_prompt(northwind).asset
    given = {**prompt_form("Half a thought"), "more": "messages", "step": ""}
    answer = browsing(northwind.author).post(address_of(asset), given)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Half a thought" in page
    assert 'name="messages-1-content"' in page
    assert asset.versions.count() == 1


def test_enter_in_a_field_looks_at_the_difference_and_adds_nothing(
    northwind: Company, browsing: Browsing
) -> None:
    page = browsing(northwind.author).get(address_of(make_prompt(northwind).asset)).content.decode()
    form = page[page.index('<form method="post" class="stack"') :]
    first = re.search(r'<button type="submit"[^>]*>', form)
    assert first is not None
    assert 'name="step" value="preview"' in first[0]


def test_the_preview_shows_the_difference_and_writes_nothing(northwind: Company, browsing: Browsing) -> None:
    asset = make_prompt(northwind, text="Summarise.").asset
    given = prompt_form("You answer complaints.", "Summarise at once.\n\n{letter}", step="preview")
    answer = browsing(northwind.author).post(address_of(asset), given)
    assert answer.status_code == 200
    assert answer.context["comparison"].changed
    assert asset.versions.count() == 1
    assert "Summarise at once." in answer.content.decode()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (prompt_form("No place at all"), "or use it"),
        (prompt_form("{letter} {other}"), "Declare “other”"),
        (prompt_form("{letter}", variables=("letter", "letter")), "Each name once"),
        (prompt_form("", variables=()), "needs at least 1 of them"),
        (prompt_form("{letter}", variables=("Letter!",)), "is not written as it must be"),
    ],
)
def test_a_prompt_that_cannot_be_is_refused_in_words_and_kept(
    northwind: Company, browsing: Browsing, given: dict[str, Any], words: str
) -> None:
    asset = make_prompt(northwind).asset
    answer = browsing(northwind.author).post(address_of(asset), given)
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert asset.versions.count() == 1


@pytest.mark.parametrize(
    "given",
    [
        prompt_form("nul \x00 {letter}"),
        prompt_form("x" * 200_001 + "{letter}"),
        {**prompt_form("{letter}"), "messages-TOTAL_FORMS": "100000"},
        {**prompt_form("{letter}"), "messages-TOTAL_FORMS": "many"},
        {"step": "create", "message": "no rows at all"},
        prompt_form("{letter}", message="nul \x00"),
        prompt_form("{letter}", message="m" * 401),
        prompt_form("{letter}", message=" "),
    ],
    ids=["nul", "huge", "many rows", "no number", "nothing", "nul message", "long message", "no message"],
)
def test_hostile_input_is_a_message_and_never_a_failure(
    northwind: Company, browsing: Browsing, given: dict[str, Any]
) -> None:
    asset = make_prompt(northwind).asset
    answer = browsing(northwind.author).post(address_of(asset), given)
    assert answer.status_code == 400
    assert asset.versions.count() == 1


def test_a_model_is_written_with_its_fraction_exact(northwind: Company, browsing: Browsing) -> None:
    asset = make_model(northwind).asset
    browsing(northwind.author).post(address_of(asset), model_form(weights_sha256="AB" * 32))
    document = asset.versions.get(number=2).document
    assert document["parameters"]["temperature"] == "0.3"
    assert document["weights_sha256"] == "ab" * 32


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"temperature": "9"}, "temperature"),
        ({"temperature": "NaN"}, "temperature"),
        ({"temperature": "0.1234567"}, "temperature"),
        ({"weights_sha256": "short"}, "weights_sha256"),
        ({"provider": "http://10.0.0.1"}, "provider"),
        ({"top_p": "0"}, "top_p"),
        ({"model": ""}, "model"),
    ],
)
def test_a_wrong_field_of_a_model_is_marked(
    northwind: Company, browsing: Browsing, changed: dict[str, str], field: str
) -> None:
    asset = make_model(northwind).asset
    answer = browsing(northwind.author).post(address_of(asset), model_form(**changed))
    assert answer.status_code == 400
    assert answer.context["draft"].errors[field]


def test_a_workflow_is_written_from_its_text(northwind: Company, browsing: Browsing) -> None:
    prompt, model = make_prompt(northwind), make_model(northwind)
    asset = create_asset(
        northwind.project, actor=northwind.author, kind=Asset.Kind.WORKFLOW, slug="complaints"
    )
    given = {"text": json.dumps(workflow_content(prompt, model)), "message": "first", "step": "create"}
    browsing(northwind.author).post(address_of(asset), given)
    made = Version.objects.get(asset=asset)
    assert {pin.pinned for pin in made.pins.all()} == {prompt, model}


def test_what_is_wrong_with_a_workflow_is_said_by_node(northwind: Company, browsing: Browsing) -> None:
    version = make_workflow(northwind)
    prompt, model = make_prompt(northwind), make_model(northwind)
    draft = workflow_content(prompt, model)
    draft["nodes"][0]["inputs"] = {"letter": "$nothing"}
    given = {"text": json.dumps(draft), "message": "broken", "step": "preview"}
    answer = browsing(northwind.author).post(address_of(version.asset), given)
    assert answer.status_code == 400
    ((place, reason),) = answer.context["draft"].errors_by_place
    assert place == "summary"
    assert "no input of the workflow" in reason
    assert "$nothing" in answer.content.decode()


def test_a_shape_that_is_wrong_names_the_node_and_not_its_index(
    northwind: Company, browsing: Browsing
) -> None:
    version = make_workflow(northwind)
    draft = workflow_content(make_prompt(northwind), make_model(northwind))
    draft["nodes"][0]["colour"] = "blue"
    given = {"text": json.dumps(draft), "message": "coloured", "step": "create"}
    answer = browsing(northwind.author).post(address_of(version.asset), given)
    assert answer.context["draft"].errors_by_place[0] == (
        "summary.colour",
        "is not known here: leave it out, or look how it is written",
    )


@pytest.mark.parametrize(
    "text", ["", "{", "[" * 50_000, '{"\\ud800": 1}', '{"nodes": 5}', '{"nodes": ["\\u0000"]}', "null"]
)
def test_text_that_is_no_workflow_is_refused_and_kept(
    northwind: Company, browsing: Browsing, text: str
) -> None:
    version = make_workflow(northwind)
    answer = browsing(northwind.author).post(
        address_of(version.asset), {"text": text, "message": "hm", "step": "create"}
    )
    assert answer.status_code == 400
    assert version.asset.versions.count() == 1


def test_nothing_new_is_said_so_with_409(northwind: Company, browsing: Browsing) -> None:
    version = make_model(northwind)
    same = model_form(temperature="0.2")
    answer = browsing(northwind.author).post(address_of(version.asset), same)
    assert answer.status_code == 409
    assert "Nothing differs from version 1" in answer.content.decode()


def test_who_may_not_write_gets_403_and_who_may_not_see_404(
    northwind: Company, rival: Company, browsing: Browsing
) -> None:
    asset = make_prompt(northwind).asset
    given = prompt_form("{letter}")
    assert browsing(northwind.operator).post(address_of(asset), given).status_code == 403
    assert browsing(northwind.operator).get(address_of(asset)).status_code == 403
    assert browsing(rival.author).post(address_of(asset), given).status_code == 404
    assert asset.versions.count() == 1
