"""A release holds whatever its workflow runs, at any depth; who wrote any of it may not approve it."""

from collections.abc import Iterator
from typing import Any

import pytest

from governance.access.permissions import Role
from governance.access.services import grant_role
from governance.approvals.services import SeparationOfDuties
from governance.catalog import functions
from governance.catalog.functions import Announcement, announce
from governance.catalog.models import Version
from governance.releases.clearance import NotCleared, check_clearance
from governance.releases.closure import authors_of, closure_of, pinned_versions
from governance.releases.models import Release
from tests.factories.cast import Company
from tests.factories.things import (
    approve,
    make_model,
    make_prompt,
    make_release,
    make_version,
    make_workflow,
    pin,
)

SOURCES = {"own@1": "1" * 64, "each@1": "2" * 64, "undo@1": "3" * 64, "inner@1": "4" * 64}


@pytest.fixture(autouse=True)
def some_functions() -> Iterator[None]:
    """Four functions that take `text` are known while a test runs."""
    for name, source in SOURCES.items():
        announce(Announcement(name, frozenset({"text"}), "For the test.", source))
    yield
    for name in SOURCES:
        functions._announced.pop(name, None)


def calling(name: str, reads: str = "$letter") -> dict[str, Any]:
    return {"kind": "function", "function": name, "inputs": {"text": reads}}


def draft(*nodes: dict[str, Any]) -> dict[str, Any]:
    keys = [node["key"] for node in nodes]
    linked = [{**node, "next": after} for node, after in zip(nodes, [*keys[1:], None], strict=True)]
    inputs = [{"name": "letter"}, {"name": "list", "media_type": "application/json"}]
    return {"inputs": inputs, "nodes": linked, "start": keys[0], "output": keys[0]}


def nested(company: Company, inner: Version) -> Version:
    """A workflow that calls functions in every place that there is, and runs another."""
    reads = {"letter": "$letter"} | ({"list": "$list"} if len(inner.document["inputs"]) > 1 else {})
    return make_version(
        company,
        "workflow",
        draft(
            {"key": "own", **calling("own@1"), "compensate": calling("undo@1")},
            {"key": "all", "kind": "map", "over": "$list", "each": calling("each@1", "@item")},
            {"key": "run", "kind": "subrun", "workflow": pin(inner), "inputs": reads},
        ),
    )


def test_the_closure_names_every_version_and_function_at_any_depth(northwind: Company) -> None:
    prompt, model = make_prompt(northwind), make_model(northwind)
    asking = make_workflow(northwind, prompt=prompt, model=model)
    run = {"key": "ask", "kind": "subrun", "workflow": pin(asking), "inputs": {"letter": "$letter"}}
    inner = make_version(northwind, "workflow", draft({"key": "first", **calling("inner@1")}, run))
    outer = nested(northwind, inner)

    parts = pinned_versions(outer)
    closure = closure_of(parts, environment=northwind.production, quorum=1)

    assert parts[0] == outer
    assert {entry["sha256"] for entry in closure["versions"]} == {
        part.digest for part in (prompt, model, asking, inner)
    }
    assert closure["functions"] == SOURCES


def test_who_wrote_a_prompt_of_a_workflow_within_may_not_approve(northwind: Company) -> None:
    writer = northwind.approver
    grant_role(northwind.project, actor=northwind.owner, role=Role.AUTHOR, to=writer, reason="both")
    prompt = make_prompt(northwind, by=writer)
    outer = nested(northwind, make_workflow(northwind, prompt=prompt))
    release = make_release(northwind, version=outer)

    assert authors_of(pinned_versions(outer))[writer.pk] == str(prompt)
    with pytest.raises(SeparationOfDuties, match=f"you wrote {prompt}"):
        approve(release, by=writer)
    approve(release, by=northwind.second_approver)


def test_a_release_stops_when_the_code_of_a_function_within_changes(northwind: Company) -> None:
    inner = make_version(northwind, "workflow", draft({"key": "first", **calling("inner@1")}))
    release = make_release(northwind, version=nested(northwind, inner), environment=northwind.development)
    read = Release.objects.with_names().get(pk=release.pk)
    check_clearance(read)

    for name, source in SOURCES.items():
        announce(Announcement(name, frozenset({"text"}), "Another.", "9" * 64))
        with pytest.raises(NotCleared, match="the code of its functions has changed"):
            check_clearance(read)
        announce(Announcement(name, frozenset({"text"}), "For the test.", source))
