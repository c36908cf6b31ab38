"""Workflows that pin workflows, and calls within calls that pin what they use."""

from typing import Any

import pytest

from governance.catalog.content import parsed, prepared
from governance.catalog.models import Asset, Version
from governance.catalog.pinned import levels_of, pinned_within, users_of
from governance.catalog.services import create_asset
from governance.catalog.workflows import WorkflowContent
from governance.errors import Invalid
from tests.factories.cast import Company
from tests.factories.things import make_model, make_prompt, make_version, make_workflow, pin, workflow_content


def run_of(inner: Version, **changed: Any) -> dict[str, Any]:
    """A draft whose one node runs another workflow on the letter."""
    node = {"kind": "subrun", "key": "inner", "workflow": pin(inner), "inputs": {"letter": "$letter"}}
    return {
        "inputs": [{"name": "letter"}],
        "nodes": [{**node, **changed}],
        "start": "inner",
        "output": "inner",
    }


def over_each(call: dict[str, Any]) -> dict[str, Any]:
    """A draft that makes the call for each item of a list."""
    return {
        "inputs": [{"name": "letters", "media_type": "application/json"}],
        "nodes": [{"kind": "map", "key": "all", "over": "$letters", "each": call}],
        "start": "all",
        "output": "all",
    }


def test_a_node_pins_prompt_model_and_fallback_in_that_order(northwind: Company) -> None:
    prompt, model, other = make_prompt(northwind), make_model(northwind), make_model(northwind)
    draft = workflow_content(prompt, model)
    draft["nodes"][0]["fallback"] = pin(other)

    version = make_version(northwind, "workflow", draft)

    content = parsed(version)
    assert isinstance(content, WorkflowContent)
    assert [(kind, pinned.digest) for _, kind, pinned in content.pins()] == [
        ("prompt", prompt.digest),
        ("model", model.digest),
        ("model", other.digest),
    ]
    assert {found.pinned_id for found in version.pins.all()} == {prompt.pk, model.pk, other.pk}


def test_the_calls_of_a_map_pin_what_they_use(northwind: Company) -> None:
    prompt, model, inner = make_prompt(northwind), make_model(northwind), make_workflow(northwind)
    ask = {"kind": "llm", "prompt": pin(prompt), "model": pin(model), "inputs": {"letter": "@item"}}
    run = {"kind": "subrun", "workflow": pin(inner), "inputs": {"letter": "@item"}}

    asking = make_version(northwind, "workflow", over_each(ask))
    running = make_version(northwind, "workflow", over_each(run))

    assert {(found.node, found.pinned_id) for found in asking.pins.all()} == {
        ("all", prompt.pk),
        ("all", model.pk),
    }
    assert {(found.node, found.pinned_id) for found in running.pins.all()} == {("all", inner.pk)}


def test_a_pinned_workflow_is_part_of_the_digest(northwind: Company) -> None:
    first = make_workflow(northwind)
    second = make_workflow(northwind, asset=first.asset)

    one, two = (make_version(northwind, "workflow", run_of(inner)) for inner in (first, second))

    assert one.document["nodes"][0]["workflow"]["digest"] == first.digest
    assert one.digest != two.digest


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"workflow": "nobody@1"}, "inner: pins the workflow “nobody@1”, which this project does not have"),
        ({"workflow": None}, "inner: name its workflow as “slug@number”"),
        ({"inputs": {}}, "does not give .* its input letter"),
        ({"inputs": {"letter": "$letter", "x": "$letter"}}, "x, which is none of its inputs"),
    ],
)
def test_a_run_of_a_workflow_gives_what_it_takes(
    changed: dict[str, Any], complaint: str, northwind: Company
) -> None:
    with pytest.raises(Invalid, match=complaint):
        make_version(northwind, "workflow", run_of(make_workflow(northwind), **changed))


def test_pins_within_maps_are_named_by_their_node(northwind: Company) -> None:
    ask = {"kind": "llm", "prompt": "nobody@1", "model": 7, "inputs": {"letter": "@item"}}

    with pytest.raises(Invalid) as refused:
        make_version(northwind, "workflow", over_each(ask))

    unknown = "which this project does not have, as far as you can see"
    assert refused.value.fields == {
        "all": f"pins the prompt “nobody@1”, {unknown}; name its model as “slug@number”"
    }


def test_another_projects_workflow_cannot_be_pinned(northwind: Company, rival: Company) -> None:
    with pytest.raises(Invalid, match="which this project does not have"):
        make_version(northwind, "workflow", run_of(make_workflow(rival)))


def test_a_workflow_cannot_run_itself_since_only_what_exists_can_be_pinned(northwind: Company) -> None:
    asset = create_asset(northwind.project, actor=northwind.author, kind=Asset.Kind.WORKFLOW, slug="turning")
    first = make_workflow(northwind, asset=asset)
    draft = run_of(first)
    draft["nodes"][0]["workflow"] = "turning@2"

    with pytest.raises(Invalid, match="“turning@2”, which this project does not have"):
        make_version(northwind, "workflow", draft, asset=asset)
    second = make_version(northwind, "workflow", run_of(first), asset=asset)

    # What a version pins is older than it at every depth, so no way leads back.
    within = Version.objects.filter(pk__in=pinned_within([second.pk])[second.pk])
    assert first in within
    assert all(part.created_at < second.created_at for part in within)
    assert second not in within


def test_workflows_stand_five_deep_in_one_another_and_no_deeper(northwind: Company) -> None:
    deepest = make_workflow(northwind)
    whole = deepest
    for level in range(2, 7):
        whole = make_version(northwind, "workflow", run_of(whole))
        assert levels_of(whole) == level
    asset = create_asset(northwind.project, actor=northwind.author, kind=Asset.Kind.WORKFLOW, slug="deep")

    with pytest.raises(Invalid, match=r"workflow: pins .* below which workflows stand more than 5 deep"):
        prepared(asset, run_of(whole), actor=northwind.author)


def test_what_is_pinned_and_who_pins_it_are_found_at_any_depth(northwind: Company) -> None:
    prompt = make_prompt(northwind)
    inner = make_workflow(northwind, prompt=prompt)
    middle = make_version(northwind, "workflow", run_of(inner))
    outer = make_version(northwind, "workflow", run_of(middle))
    apart = make_workflow(northwind)

    assert users_of(prompt.pk) == {inner.pk, middle.pk, outer.pk}
    assert users_of(outer.pk) == set()
    within = pinned_within([outer.pk, apart.pk])
    assert {middle.pk, inner.pk, prompt.pk} < within[outer.pk]
    assert within[outer.pk].isdisjoint(within[apart.pk])
