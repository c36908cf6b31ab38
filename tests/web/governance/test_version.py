"""GET /versions/<id>/ and /versions/<id>/diff/"""

from typing import Any

import pytest
from django.urls import reverse

from governance.catalog.services import create_version
from tests.factories.cast import Company
from tests.factories.things import (
    make_active,
    make_model,
    make_prompt,
    make_release,
    make_version,
    make_workflow,
    pin,
    workflow_content,
)
from tests.visiting import Browsing


def test_a_version_says_where_it_is_used(northwind: Company, browsing: Browsing) -> None:
    prompt = make_prompt(northwind)
    workflow = make_workflow(northwind, prompt=prompt)
    release = make_release(northwind, version=workflow)
    page = browsing(northwind.auditor).get(reverse("governance:version", args=[prompt.pk]))
    assert page.context["pinned_by"] == [workflow]
    assert page.context["releases"] == [release]
    words = page.content.decode()
    assert prompt.digest in words
    assert "Digest holds" in words


def test_a_version_says_where_it_is_used_through_a_workflow_within_a_workflow(
    northwind: Company, browsing: Browsing
) -> None:
    prompt = make_prompt(northwind)
    inner = make_workflow(northwind, prompt=prompt)
    run = {"kind": "subrun", "key": "run", "workflow": pin(inner), "inputs": {"letter": "$letter"}}
    outer = make_version(
        northwind,
        "workflow",
        {"inputs": [{"name": "letter"}], "nodes": [run], "start": "run", "output": "run"},
    )
    release, _ = make_active(northwind, version=outer)
    for version, users in ((prompt, [inner]), (inner, [outer])):
        page = browsing(northwind.auditor).get(reverse("governance:version", args=[version.pk]))
        assert page.context["pinned_by"] == users
        assert page.context["releases"] == [release]
        assert [row.release for row in page.context["present"]] == [release]


def test_a_newer_version_is_pointed_out(northwind: Company, browsing: Browsing) -> None:
    first = make_prompt(northwind)
    second = make_prompt(northwind, asset=first.asset, text="Anew.")
    client = browsing(northwind.auditor)
    assert client.get(reverse("governance:version", args=[first.pk])).context["newer"] == second
    assert client.get(reverse("governance:version", args=[second.pk])).context["newer"] is None


def test_only_those_who_may_are_offered_to_write_and_to_release(
    northwind: Company, browsing: Browsing
) -> None:
    version = make_workflow(northwind)
    address = reverse("governance:version", args=[version.pk])
    submit = reverse("governance:release-submit", args=[version.pk])
    assert submit in browsing(northwind.author).get(address).content.decode()
    assert submit not in browsing(northwind.operator).get(address).content.decode()


@pytest.mark.parametrize("name", ["governance:version", "governance:version-diff"])
def test_another_organisation_does_not_see_it(
    northwind: Company, rival: Company, browsing: Browsing, name: str
) -> None:
    version = make_prompt(northwind)
    assert browsing(rival.auditor).get(reverse(name, args=[version.pk])).status_code == 404


@pytest.mark.parametrize("view", ["", "split"])
def test_the_difference_of_prompts_marks_words_and_names_variables(
    northwind: Company, browsing: Browsing, view: str
) -> None:
    first = make_prompt(northwind, text="Apologise and promise a refund.")
    second = make_prompt(northwind, asset=first.asset, text="Apologise and state a refund.")
    page = browsing(northwind.auditor).get(
        reverse("governance:version-diff", args=[second.pk]), {"view": view}
    )
    words = page.content.decode()
    assert page.context["against"] == first
    assert "<del>promise</del>" in words
    assert "<ins>state</ins>" in words


def test_the_difference_of_models_is_a_table_of_names(northwind: Company, browsing: Browsing) -> None:
    first = make_model(northwind)
    changed = {"temperature": "0.7", "max_tokens": 64}
    second = make_model(northwind, asset=first.asset, parameters=changed)
    page = browsing(northwind.auditor).get(reverse("governance:version-diff", args=[second.pk]))
    (part,) = page.context["comparison"].keys
    assert [(change.path, change.old, change.new) for change in part.changes] == [
        ("parameters.temperature", "0.2", "0.7")
    ]


def test_the_difference_of_workflows_draws_both_graphs_when_the_nodes_differ(
    northwind: Company, browsing: Browsing
) -> None:
    prompt, model = make_prompt(northwind), make_model(northwind)
    first = make_workflow(northwind, prompt=prompt, model=model)
    draft = _with_a_second_node(workflow_content(prompt, model))
    second = create_version(first.asset, actor=northwind.author, content=draft, message="one more")
    page = browsing(northwind.auditor).get(reverse("governance:version-diff", args=[second.pk]))
    comparison = page.context["comparison"]
    assert comparison.before is not None
    assert {box.title: box.note for box in comparison.after.boxes} == {"summary": "changed", "again": "added"}


def test_one_graph_is_enough_when_only_a_pin_differs(northwind: Company, browsing: Browsing) -> None:
    prompt = make_prompt(northwind)
    first = make_workflow(northwind, prompt=prompt)
    newer = make_prompt(northwind, asset=prompt.asset, text="Anew.")
    second = make_workflow(northwind, prompt=newer, asset=first.asset)
    page = browsing(northwind.auditor).get(reverse("governance:version-diff", args=[second.pk]))
    comparison = page.context["comparison"]
    assert comparison.before is None
    assert [box.look for box in comparison.after.boxes] == ["key"]


def test_any_other_version_of_the_same_asset_can_be_compared_with(
    northwind: Company, browsing: Browsing
) -> None:
    first = make_prompt(northwind)
    second = make_prompt(northwind, asset=first.asset, text="Two.")
    third = make_prompt(northwind, asset=first.asset, text="Three.")
    client, address = browsing(northwind.auditor), reverse("governance:version-diff", args=[third.pk])
    assert client.get(address).context["against"] == second
    assert client.get(address, {"against": str(first.pk)}).context["against"] == first
    assert client.get(address, {"against": str(make_prompt(northwind).pk)}).status_code == 404
    assert client.get(address, {"against": "nothing"}).status_code == 404


def test_markup_in_a_prompt_is_shown_as_text(northwind: Company, browsing: Browsing) -> None:
    hostile = "<img src=x onerror=alert(1)> {{ settings.SECRET_KEY }} {% load x %}"
    content: dict[str, Any] = {"messages": [{"role": "user", "content": hostile}], "variables": []}
    version = make_version(northwind, "prompt", content)
    words = browsing(northwind.auditor).get(reverse("governance:version", args=[version.pk])).content.decode()
    assert "<img src=x" not in words
    assert "{{ settings.SECRET_KEY }}" in words


def test_where_it_is_in_effect_is_told(northwind: Company, browsing: Browsing) -> None:
    prompt = make_prompt(northwind)
    release, _ = make_active(northwind, version=make_workflow(northwind, prompt=prompt))
    page = browsing(northwind.auditor).get(reverse("governance:version", args=[prompt.pk]))
    assert [row.release for row in page.context["present"]] == [release]


def _with_a_second_node(draft: dict[str, Any]) -> dict[str, Any]:
    (node,) = draft["nodes"]
    again = {**node, "key": "again", "inputs": {"letter": "summary"}}
    return {**draft, "nodes": [{**node, "next": "again"}, again], "output": "again"}
