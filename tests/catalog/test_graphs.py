"""Whether a workflow can be run: every complaint names its node."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.catalog import functions
from governance.catalog.functions import Announcement, announce
from governance.catalog.graphs import certain_before, complaints
from governance.catalog.workflows import WorkflowContent, successors


@pytest.fixture(autouse=True)
def a_function() -> Iterator[None]:
    """`test_step@1`, which takes `text`, is known while a test runs."""
    announce(Announcement("test_step@1", frozenset({"text"}), "For the test.", "0" * 64))
    yield
    functions._announced.pop("test_step@1")


def step(key: str, *, reads: str = "$letter", goes_to: str | None = None, **changed: Any) -> dict[str, Any]:
    node = {
        "kind": "function",
        "key": key,
        "function": "test_step@1",
        "inputs": {"text": reads},
        "next": goes_to,
    }
    return {**node, **changed}


def branch(key: str, *ways: str, on: str = "$letter", default: str | None = None) -> dict[str, Any]:
    cases = [{"equals": f"case {number}", "next": way} for number, way in enumerate(ways)]
    return {"kind": "branch", "key": key, "on": on, "cases": cases, "default": default}


def workflow(*nodes: dict[str, Any], output: str, start: str | None = None) -> WorkflowContent:
    return WorkflowContent.model_validate(
        {"inputs": [{"name": "letter"}], "nodes": nodes, "start": start or nodes[0]["key"], "output": output}
    )


def test_a_line_of_steps_is_sound() -> None:
    line = workflow(step("first", goes_to="second"), step("second", reads="first.words"), output="second")

    assert complaints(line) == {}


def test_ways_that_part_and_meet_are_sound() -> None:
    diamond = workflow(
        step("read", goes_to="fork"),
        branch("fork", "left", "right", on="read.kind"),
        step("left", goes_to="meet", reads="read"),
        step("right", goes_to="meet", reads="read"),
        step("meet", reads="read"),
        output="meet",
    )

    assert complaints(diamond) == {}
    assert certain_before(diamond)["meet"] == {"read", "fork"}


@pytest.mark.parametrize(
    ("broken", "node", "reason"),
    [
        pytest.param(
            workflow(step("a", goes_to="b"), step("b", goes_to="a"), output="b"),
            "a",
            "stands in a circle",
            id="circle",
        ),
        pytest.param(workflow(step("a", goes_to="a"), output="a"), "a", "stands in a circle", id="self"),
        pytest.param(workflow(step("a"), step("b"), output="a"), "b", "cannot be reached", id="unreachable"),
        pytest.param(
            workflow(step("a", goes_to="z"), output="a"), "a", "“z”, which is no node", id="dangling"
        ),
        pytest.param(
            workflow(branch("a", "z"), output="a"), "a", "“z”, which is no node", id="dangling branch"
        ),
        pytest.param(
            workflow(step("a"), step("a"), output="a"), "a", "two nodes have this key", id="doubled"
        ),
        pytest.param(
            workflow(step("a"), output="a", start="z"), "workflow", "starts at “z”", id="unknown start"
        ),
        pytest.param(workflow(step("a"), output="z"), "workflow", "output of “z”", id="unknown output"),
        pytest.param(
            workflow(step("a", reads="$other"), output="a"), "a", "no input of the workflow", id="input"
        ),
        pytest.param(
            workflow(step("a", reads="z"), output="a"),
            "a",
            "there is no node “z”",
            id="unknown reference",
        ),
        pytest.param(
            workflow(step("a", reads="b", goes_to="b"), step("b"), output="b"),
            "a",
            "has not run on every way",
            id="later",
        ),
        pytest.param(
            workflow(step("a", reads="a"), output="a"), "a", "has not run on every way", id="itself"
        ),
        pytest.param(
            workflow(
                branch("fork", "left", "right"),
                step("left", goes_to="meet"),
                step("right", goes_to="meet"),
                step("meet", reads="left"),
                output="meet",
            ),
            "meet",
            "reads “left”, which has not run on every way",
            id="only on one way",
        ),
        pytest.param(
            workflow(branch("fork", "left", "right"), step("left"), step("right"), output="left"),
            "right",
            "ends the run on a way on which “left”",
            id="output on one way",
        ),
        pytest.param(
            workflow(step("a", function="unknown@1"), output="a"),
            "a",
            "and those that STEP_FUNCTION_MODULES names",
            id="function",
        ),
        pytest.param(workflow(step("a", inputs={}), output="a"), "a", "needs text", id="missing input"),
        pytest.param(
            workflow(step("a", settings={"loud": True}), output="a"), "a", "does not take loud", id="extra"
        ),
        pytest.param(
            workflow(step("a", settings={"text": "x"}), output="a"), "a", "gives text twice", id="given twice"
        ),
        pytest.param(
            workflow(
                {"kind": "branch", "key": "a", "on": "$letter", "cases": [{"equals": "x", "next": "b"}] * 2},
                step("b"),
                output="b",
            ),
            "a",
            "two cases for the same value",
            id="same case",
        ),
    ],
)
def test_a_graph_that_cannot_be_run_is_refused_by_node(
    broken: WorkflowContent, node: str, reason: str
) -> None:
    found = complaints(broken)

    assert reason in found[node]


def test_an_input_is_declared_once() -> None:
    content = WorkflowContent.model_validate(
        {"inputs": [{"name": "letter"}] * 2, "nodes": [step("a")], "start": "a", "output": "a"}
    )

    assert complaints(content) == {"inputs": "declares “letter” twice"}


@st.composite
def forward_graphs(draw: st.DrawFn) -> WorkflowContent:
    """Any graph whose nodes only go on to later ones, all of them reached."""
    size = draw(st.integers(1, 9))
    nodes = []
    for index in range(size):
        key, later = f"n{index}", [f"n{other}" for other in range(index + 1, size)]
        if len(later) > 1 and draw(st.booleans()):
            ways = draw(st.lists(st.sampled_from(later), min_size=1, max_size=3, unique=True))
            nodes.append(branch(key, *dict.fromkeys([later[0], *ways])))
        else:
            nodes.append(step(key, goes_to=later[0] if later else None))
    return workflow(*nodes, output=f"n{size - 1}")


def every_way(content: WorkflowContent) -> Iterator[list[str]]:
    """Each way from the start to an end, the slow and obvious way."""
    waiting = [[content.start]]
    while waiting:
        way = waiting.pop()
        following = successors(content.node(way[-1]))
        waiting.extend([*way, key] for key in following)
        if not following:
            yield way


@given(forward_graphs())
def test_what_is_certain_before_a_node_is_what_stands_on_every_way_to_it(content: WorkflowContent) -> None:
    assert complaints(content) == {}
    ways = list(every_way(content))
    for key, before in certain_before(content).items():
        heads = [set(way[: way.index(key)]) for way in ways if key in way]
        assert before == frozenset.intersection(*map(frozenset, heads))


@given(forward_graphs(), st.data())
def test_a_way_back_is_always_found(content: WorkflowContent, data: st.DataObject) -> None:
    last = content.nodes[-1].key
    target = data.draw(st.sampled_from([node.key for node in content.nodes]))
    closed = [
        node if node.key != last else node.model_copy(update={"next": target}) for node in content.nodes
    ]

    found = complaints(content.model_copy(update={"nodes": tuple(closed)}))
    assert any("circle" in reason for reason in found.values())
