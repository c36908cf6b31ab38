"""The table of transitions, and the trigger that holds it in the database."""

import itertools

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from governance.catalog.workflows import WorkflowContent
from runs.durable.machine import ENDED, HELD_UP, TRANSITIONS, TROUBLED, UNDER_WAY, State, may_go, next_node
from runs.records.models import Run
from tests.factories.cast import Company
from tests.factories.runs import begin, chain, released

STATES = Run.State.values
# How a run gets into each state by allowed ways alone.
WAYS = {
    "queued": [],
    "running": ["running"],
    "waiting": ["running", "waiting"],
    "ready": ["running", "ready"],
    "paused": ["paused"],
    "needs_review": ["running", "needs_review"],
    "compensating": ["running", "compensating"],
    "succeeded": ["running", "succeeded"],
    "failed": ["running", "failed"],
    "cancelled": ["cancelled"],
    "quarantined": ["running", "quarantined"],
    "compensated": ["running", "compensating", "compensated"],
    "compensation_failed": ["running", "compensating", "compensation_failed"],
}


@pytest.mark.parametrize("before", STATES)
def test_the_trigger_allows_exactly_what_the_table_allows(northwind: Company, before: str) -> None:
    run = begin(northwind, released(northwind, chain(1)))
    for state in WAYS[before]:
        move(run, state)

    allowed = set()
    for after in STATES:
        try:
            with transaction.atomic():
                move(run, after)
                allowed.add(after)
                raise ForgetIt
        except (IntegrityError, ForgetIt):
            continue

    of_a_part = {State.COMPENSATING} if before == "succeeded" else set()
    assert allowed == {after for after in STATES if may_go(before, after)} - of_a_part


class ForgetIt(Exception):
    """Roll this one back."""


def move(run: Run, state: str) -> None:
    """Change the state and nothing else, past every service."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE runs_run SET state = %s WHERE id = %s", [state, run.pk])


def test_of_the_ended_only_those_in_trouble_can_be_taken_up_again() -> None:
    undone_with_its_whole = (State.SUCCEEDED, State.COMPENSATING)
    assert {before for before, _ in TRANSITIONS - {undone_with_its_whole}} & ENDED == ENDED & TROUBLED
    assert {after for _, after in TRANSITIONS} == ENDED | UNDER_WAY | HELD_UP
    assert not ENDED & (UNDER_WAY | HELD_UP)


def test_runs_cannot_be_deleted_or_restamped(northwind: Company) -> None:
    run = begin(northwind, released(northwind, chain(1)))

    for statement in (
        "DELETE FROM runs_run WHERE id = %s",
        "UPDATE runs_run SET reference = 'other' WHERE id = %s",
        "UPDATE runs_run SET approvals = '[]', closure_digest = repeat('0', 64) WHERE id = %s",
    ):
        refused = pytest.raises(DatabaseError, match=r"permission denied|cannot be changed")
        with refused, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, [run.pk])


def test_the_next_node_follows_from_the_graph_and_the_recorded_output_alone() -> None:
    branch = {
        "kind": "branch", "key": "route", "on": "step_1.text",
        "cases": [{"equals": value, "next": value} for value in ("a", "b")],
    }  # fmt: skip
    ends = [{"kind": "function", "key": key, "function": "f@1"} for key in ("a", "b")]
    content = chain(2)
    content["nodes"] = [*content["nodes"], branch, *ends]
    content["nodes"][1]["next"] = "route"
    workflow = WorkflowContent.model_validate(content)

    assert next_node(workflow, "step_0") == "step_1"
    assert next_node(workflow, "step_1") == "route"
    assert [next_node(workflow, "route", way) for way in ("a", "b")] == ["a", "b"]
    assert next_node(workflow, "a") is None
    with pytest.raises(KeyError):
        next_node(workflow, "nowhere")


def test_every_state_has_a_way_out_or_has_ended() -> None:
    leaves = {before for before, after in TRANSITIONS if before != after}
    assert set(STATES) == leaves | ENDED
    assert set(itertools.chain.from_iterable(TRANSITIONS)) == set(STATES)
