"""Assets and their numbered, immutable, content-hashed versions."""

from decimal import Decimal
from typing import Any

import orjson
import pytest
from pytest_django import DjangoAssertNumQueries

from governance.catalog.content import parsed, prepared
from governance.catalog.model_versions import ModelContent
from governance.catalog.models import Asset, Pin, Version
from governance.catalog.prompts import PromptContent
from governance.catalog.services import create_asset, create_version
from governance.errors import DomainError, Invalid, NotAllowed, NotVisible, WrongState
from governance.ledger.canonical import canonical, sha256_hex
from governance.ledger.kinds import Kind
from governance.ledger.models import Event
from tests.factories.cast import Company
from tests.factories.things import (
    MODEL,
    PROMPT,
    make_model,
    make_prompt,
    make_version,
    make_workflow,
    pin,
    workflow_content,
)
from tests.harness.fresh import FreshDatabase


def test_versions_count_from_one_and_know_their_parent(northwind: Company) -> None:
    first = make_prompt(northwind, text="First.")
    second = make_prompt(northwind, asset=first.asset, text="Second.")

    assert (first.number, first.parent) == (1, None)
    assert (second.number, second.parent) == (2, first)
    assert second.author_name == "Anna Author"


def test_the_digest_is_the_hash_of_the_canonical_content(northwind: Company) -> None:
    version = make_prompt(northwind)

    body = bytes(version.content)
    assert version.digest == sha256_hex(body)
    assert canonical(orjson.loads(body)) == body


def test_the_same_content_in_another_order_is_not_a_new_version(northwind: Company) -> None:
    version = make_version(northwind, "prompt", PROMPT)
    turned = dict(reversed(PROMPT.items()))

    with pytest.raises(WrongState, match="Nothing differs from version 1"):
        create_version(version.asset, actor=northwind.author, content=turned, message="the same")


def test_an_older_content_may_come_back_as_a_new_version(northwind: Company) -> None:
    first = make_prompt(northwind, text="First.")
    make_prompt(northwind, asset=first.asset, text="Second.")
    third = make_prompt(northwind, asset=first.asset, text="First.")

    assert (third.number, third.digest) == (3, first.digest)


@pytest.mark.parametrize("temperature", ["0.2", "0.20", "2e-1", 0.2])
def test_a_fraction_has_one_form_however_it_was_written(temperature: Any, northwind: Company) -> None:
    version = make_model(northwind, parameters={"temperature": temperature})

    assert version.document["parameters"]["temperature"] == "0.2"


def test_a_fraction_that_was_stored_with_more_places_is_read_as_it_stands(northwind: Company) -> None:
    version = make_model(northwind, parameters={"temperature": "0.123456"})
    version.content = bytes(version.content).replace(b"0.123456", b"0.1234567")

    found = parsed(version)

    assert isinstance(found, ModelContent)
    assert found.parameters.temperature == Decimal("0.1234567")


def test_a_version_and_its_pins_are_recorded(northwind: Company) -> None:
    workflow = make_workflow(northwind)

    pins = Pin.objects.filter(version=workflow).select_related("pinned__asset")
    event = Event.objects.about("version", workflow.pk).get()
    assert event.kind == Kind.VERSION_CREATED
    assert event.details["sha256"] == workflow.digest
    assert event.details["pins"] == [f"summary: {found.pinned}" for found in pins]
    assert len(pins) == 2


def test_a_pin_is_part_of_the_workflows_digest(northwind: Company) -> None:
    prompt, model = make_prompt(northwind, text="One."), make_model(northwind)
    other = make_prompt(northwind, asset=prompt.asset, text="Two.")

    first = make_workflow(northwind, prompt=prompt, model=model)
    second = make_workflow(northwind, prompt=other, model=model)
    assert first.document["nodes"][0]["prompt"]["digest"] == prompt.digest
    assert first.digest != second.digest


def test_the_stored_content_reads_back_as_its_shape(northwind: Company) -> None:
    content = parsed(make_prompt(northwind))

    assert isinstance(content, PromptContent)
    assert content.placeholders() == {"letter"}


@pytest.mark.parametrize("part", ["approver", "operator", "auditor", "owner"])
def test_only_authors_write(part: str, northwind: Company) -> None:
    asset = make_prompt(northwind).asset
    with pytest.raises(NotAllowed, match="Write prompts, models and workflows"):
        create_version(asset, actor=northwind.person(part), content=PROMPT, message="mine")
    with pytest.raises(NotAllowed):
        create_asset(northwind.project, actor=northwind.person(part), kind=Asset.Kind.PROMPT, slug="mine")


def test_another_organisations_author_sees_nothing_to_write(northwind: Company, rival: Company) -> None:
    asset = make_prompt(northwind).asset

    assert not Asset.objects.visible_to(rival.author).exists()
    assert not Version.objects.visible_to(rival.author).exists()
    with pytest.raises(NotVisible):
        create_version(asset, actor=rival.author, content=PROMPT, message="mine")


def test_nothing_of_another_project_can_be_pinned(northwind: Company, rival: Company) -> None:
    foreign = make_prompt(rival)
    model = make_model(northwind)

    with pytest.raises(Invalid, match="which this project does not have"):
        make_version(northwind, "workflow", workflow_content(foreign, model))


@pytest.mark.parametrize(
    ("kind", "changed"),
    [
        ("prompt", {"messages": []}),
        ("prompt", {"messages": [{"role": "robot", "content": "x"}]}),
        ("prompt", {"messages": [{"role": "user", "content": "{undeclared}"}]}),
        ("prompt", {"variables": []}),
        ("prompt", {"variables": [{"name": "Letter"}]}),
        ("prompt", {"extra": "field"}),
        ("prompt", {"messages": [{"role": "user", "content": "nul \x00 {letter}"}]}),
        ("prompt", {"messages": [{"role": "user", "content": "half \ud83d {letter}"}]}),
        ("model", {"model": ""}),
        ("model", {"provider": "https://evil.example"}),
        ("model", {"parameters": {"temperature": "3"}}),
        ("model", {"parameters": {"temperature": "NaN"}}),
        ("model", {"parameters": {"temperature": "1e-999990"}}),
        ("model", {"parameters": {"top_p": "0.1234567"}}),
        ("model", {"parameters": {"temperature": "warm"}}),
        ("model", {"parameters": {"max_tokens": 0}}),
        ("model", {"weights_sha256": "abc"}),
        ("model", {"licence": "\ud800"}),
    ],
)
def test_content_of_the_wrong_form_is_refused_in_words(
    kind: str, changed: dict[str, Any], northwind: Company
) -> None:
    draft = {**(PROMPT if kind == "prompt" else MODEL), **changed}

    with pytest.raises(Invalid) as refused:
        make_version(northwind, kind, draft)
    assert refused.value.message
    assert not Version.objects.exists()


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"prompt": "unknown@1"}, "“unknown@1”, which this project does not have"),
        ({"prompt": "no number"}, "which this project does not have"),
        ({"prompt": None}, "name its prompt as “slug@number”"),
        ({"model": {"asset": "x", "number": 1, "digest": "0" * 64}}, "name its model as “slug@number”"),
        ({"inputs": {}}, "does not give its prompt letter"),
        ({"inputs": {"letter": "$letter", "mood": "$letter"}}, "gives its prompt mood"),
        ({"inputs": {"letter": "$nothing"}}, "no input of the workflow"),
        ({"output_schema": {"pattern": "(a+)+"}}, "“pattern”, which is not allowed"),
        ({"key": "Not a key"}, "not of the right form"),
    ],
)
def test_a_workflow_that_cannot_run_is_refused_by_node(
    changed: dict[str, Any], complaint: str, northwind: Company
) -> None:
    draft = workflow_content(make_prompt(northwind), make_model(northwind))
    draft["nodes"] = [{**draft["nodes"][0], **changed}]

    with pytest.raises(Invalid, match=complaint):
        make_version(northwind, "workflow", draft)


def test_the_pins_of_many_nodes_are_found_in_one_query(
    northwind: Company, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    asset = make_workflow(northwind).asset
    prompts, model = [make_prompt(northwind) for _ in range(5)], make_model(northwind)
    draft = workflow_content(prompts[0], model)
    (node,) = draft["nodes"]
    draft["nodes"] = [
        {**node, "key": f"n{at}", "prompt": pin(prompt), **({"next": f"n{at + 1}"} if at < 4 else {})}
        for at, prompt in enumerate(prompts)
    ]
    draft |= {"start": "n0", "output": "n4"}

    with django_assert_num_queries(1):  # besides what the author reaches, which Django does not count
        _, pins = prepared(asset, draft, actor=northwind.author)

    assert [version for _, version in pins] == [found for prompt in prompts for found in (prompt, model)]


def test_too_many_nodes_are_refused_as_that(northwind: Company) -> None:
    version = make_workflow(northwind)
    draft = workflow_content(make_prompt(northwind), make_model(northwind))
    draft["nodes"] = draft["nodes"] * 1000

    with pytest.raises(Invalid) as refused:
        prepared(version.asset, draft, actor=northwind.author)
    assert list(refused.value.fields) == ["nodes"]


def test_a_model_is_no_prompt(northwind: Company) -> None:
    model = make_model(northwind)
    draft = workflow_content(make_prompt(northwind), model)
    draft["nodes"] = [{**draft["nodes"][0], "prompt": pin(model)}]

    with pytest.raises(Invalid, match="which this project does not have"):
        make_version(northwind, "workflow", draft)


def test_a_draft_nested_ten_thousand_deep_is_refused(northwind: Company) -> None:
    deep: Any = {}
    for _ in range(10_000):
        deep = {"properties": deep}
    draft = workflow_content(make_prompt(northwind), make_model(northwind))
    draft["nodes"] = [{**draft["nodes"][0], "output_schema": deep}]

    with pytest.raises(Invalid, match="nested more than"):
        make_version(northwind, "workflow", draft)


@pytest.mark.parametrize("slug", ["", "a b", "../x", "x" * 81, "ümlaut", "nul\x00"])
def test_an_assets_name_is_plain(slug: str, northwind: Company) -> None:
    with pytest.raises(Invalid):
        create_asset(northwind.project, actor=northwind.author, kind=Asset.Kind.PROMPT, slug=slug)


def test_a_name_is_free_for_each_kind(northwind: Company) -> None:
    create_asset(northwind.project, actor=northwind.author, kind=Asset.Kind.PROMPT, slug="reply")
    create_asset(northwind.project, actor=northwind.author, kind=Asset.Kind.MODEL, slug="reply")
    with pytest.raises(Invalid, match="already"):
        create_asset(northwind.project, actor=northwind.author, kind=Asset.Kind.PROMPT, slug="reply")


@pytest.mark.parametrize("message", ["", "  ", "x" * 401, "nul \x00"])
def test_a_version_says_what_changed(message: str, northwind: Company) -> None:
    asset = make_prompt(northwind).asset

    with pytest.raises(Invalid) as refused:
        create_version(asset, actor=northwind.author, content=PROMPT, message=message)
    assert "message" in refused.value.fields


def test_two_authors_at_once_get_two_numbers(fresh_database: FreshDatabase, northwind: Company) -> None:
    asset, author = make_prompt(northwind).asset, northwind.author

    def write(text: str) -> Version:
        return make_prompt(northwind, asset=asset, by=author, text=text)

    answers = fresh_database.at_once(lambda: write("Left."), lambda: write("Right."))

    assert not [answer for answer in answers if isinstance(answer, DomainError)]
    assert sorted(asset.versions.values_list("number", flat=True)) == [1, 2, 3]
