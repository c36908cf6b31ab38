"""What changed something outside is not done again for a comparison, however deep in the workflow it is."""

from typing import Any

import pytest

from governance.errors import WrongState
from runs.records.models import Run
from runs.replay.fitting import may_replay
from tests.durable.scripts import call, calling, graph, marks, script
from tests.durable.turning import settle
from tests.factories.cast import Company
from tests.factories.forks import fork_of, replay_of
from tests.factories.runs import begin, released
from tests.factories.things import make_model, make_prompt, make_version, pin
from tests.providers.serving import Serving

PAYS = call("pay", effect="unsafe", irreversible="The money is gone.")
LIST = {"kind": "transform", "key": "list", "expression": "['a', 'b']", "inputs": {"letter": "$letter"}}


def subrun(company: Company, *nodes: dict[str, Any], read: str = "$letter") -> dict[str, Any]:
    """A call that runs a workflow of these nodes."""
    version = make_version(company, "workflow", graph(*nodes))
    return {"kind": "subrun", "workflow": pin(version), "inputs": {"letter": read}}


def paying(company: Company, how: str) -> list[dict[str, Any]]:
    """Nodes one of which changes something outside, somewhere."""
    inner = {"key": "sub", **subrun(company, call("look"), PAYS)}
    match how:
        case "in a workflow":
            return [inner]
        case "in a workflow of a workflow":
            return [{"key": "outer", **subrun(company, inner)}]
        case "for each item":
            each = subrun(company, PAYS, read="@item")
            return [LIST, {"kind": "map", "key": "all", "over": "list", "each": each}]
        case "when it is undone":
            return [call("look", compensate=calling("undo", effect="unsafe"))]
    return [LIST, {"kind": "map", "key": "all", "over": "list", "each": calling("pay", effect="idempotent")}]


@pytest.mark.parametrize(
    "how",
    [
        "in a workflow",
        "in a workflow of a workflow",
        "for each item",
        "when it is undone",
        "by a call for each",
    ],
)
def test_what_pays_is_not_run_again(northwind: Company, how: str) -> None:
    with script():
        run = settle(begin(northwind, released(northwind, graph(*paying(northwind, how), call("after")))))
        assert run.state == Run.State.SUCCEEDED, run.error
        before = marks()

        assert not may_replay(run)
        with pytest.raises(WrongState, match="changes something outside"):
            replay_of(run, actor=northwind.operator, reason="Does it do the same?")

        assert marks() == before


def test_the_way_to_what_changes_something_is_named(northwind: Company) -> None:
    with script():
        run = settle(begin(northwind, released(northwind, graph(*paying(northwind, "in a workflow")))))

    with pytest.raises(WrongState, match="“pay” of “sub” changes"):
        replay_of(run, actor=northwind.operator, reason="Does it do the same?")


def test_a_workflow_in_a_workflow_that_changes_nothing_is_run_again(northwind: Company) -> None:
    node = {"key": "sub", **subrun(northwind, call("look"))}
    with script():
        run = settle(begin(northwind, released(northwind, graph(node))))
        assert may_replay(run)
        assert settle(replay_of(run, actor=northwind.operator, reason="Same?")).state == Run.State.SUCCEEDED
        assert marks() == ["look", "look"]


def test_an_experiment_pays_nothing_in_a_workflow_of_its_own(northwind: Company, serving: Serving) -> None:
    ask = {
        "kind": "llm",
        "key": "ask",
        "prompt": pin(make_prompt(northwind)),
        "model": pin(make_model(northwind)),
    }
    nodes = [{**ask, "inputs": {"letter": "$letter"}}, *paying(northwind, "in a workflow")]
    with script():
        run = settle(begin(northwind, released(northwind, graph(*nodes))))
        assert run.state == Run.State.SUCCEEDED, run.error

        with pytest.raises(WrongState, match="“pay” of “sub”"):
            fork_of(
                run,
                actor=northwind.operator,
                position=0,
                reason="Try.",
                overrides={"ask": {"prompt": make_prompt(northwind, text="In one word.")}},
            )

        assert marks() == ["look", "pay"]
