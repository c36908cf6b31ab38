"""Verifying a run by its records: what holds, and what an altered record shows."""

from typing import Any

import pytest

from governance.errors import NotVisible
from governance.ledger.models import Event
from runs.lineage.models import Edge
from runs.records.models import Run
from runs.replay.verify import verify_run
from tests.factories.cast import Company
from tests.factories.forks import fork_of
from tests.factories.runs import begin, chain, complaint, finish, released
from tests.harness.fresh import FreshDatabase
from tests.providers.serving import Serving

BRANCHED: dict[str, Any] = {
    "inputs": [{"name": "letter"}],
    "nodes": [
        {
            "kind": "transform",
            "key": "shape",
            "inputs": {"text": "$letter"},
            "expression": "{kind: 'card', text: text}",
            "next": "route",
        },
        {
            "kind": "branch",
            "key": "route",
            "on": "shape.kind",
            "cases": [{"equals": "card", "next": "card"}, {"equals": "loan", "next": "loan"}],
        },
        {"kind": "function", "key": "card", "function": "nothing@1", "inputs": {"text": "shape.text"}},
        {"kind": "function", "key": "loan", "function": "nothing@1", "inputs": {"text": "shape.text"}},
    ],
    "start": "shape",
    "output": "shape",
}


def test_a_run_that_is_as_it_was_recorded_holds(northwind: Company, serving: Serving) -> None:
    run = finish(begin(northwind, released(northwind, complaint(northwind))))

    verdict = verify_run(run, actor=northwind.auditor)

    assert verdict.holds, verdict.differences
    assert (verdict.steps, verdict.runs) == (5, 1)
    told = Event.objects.of_run(run.pk).filter(kind="run.verified").get()
    assert (told.details["holds"], told.actor) == (True, northwind.auditor.pk)
    verify_run(run, actor=northwind.auditor)
    verify_run(run, actor=northwind.operator)
    by = Event.objects.of_run(run.pk).filter(kind="run.verified").values_list("actor", flat=True)
    assert list(by) == [northwind.auditor.pk, northwind.operator.pk]


def test_a_failed_run_holds_up_to_its_failure(northwind: Company) -> None:
    run = finish(begin(northwind, released(northwind, chain(3, function="returns@1", what="raise"))))

    assert verify_run(run, actor=northwind.auditor).holds


@pytest.mark.parametrize(
    ("what", "sql"),
    [
        ("way", "UPDATE runs_step SET chosen = 'loan' WHERE node = 'route'"),
        ("inputs", "UPDATE runs_edge SET source = '$other' WHERE source = '$letter'"),
        (
            "stored content",
            "UPDATE runs_artifact SET body = body || ' '::bytea WHERE media_type = 'text/plain'",
        ),
        (
            "ledger entry",
            "UPDATE runs_step SET output_id = (SELECT output_id FROM runs_step WHERE node = 'shape') "
            "WHERE node = 'card'",
        ),
    ],
)
def test_an_altered_record_is_found(
    fresh_database: FreshDatabase, northwind: Company, what: str, sql: str
) -> None:
    run = finish(begin(northwind, released(northwind, BRANCHED)))
    with fresh_database.connect("owner") as owner:
        for table in ("runs_step", "runs_edge", "runs_artifact"):
            owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER".encode())
        owner.execute(sql.encode())

    verdict = verify_run(Run.objects.get(pk=run.pk), actor=northwind.auditor)

    assert what in {found.what for found in verdict.differences}


def test_a_run_out_of_reach_is_not_verified(northwind: Company, rival: Company) -> None:
    run = finish(begin(northwind, released(northwind, chain(1))))

    with pytest.raises(NotVisible):
        verify_run(run, actor=rival.auditor)


def test_a_step_of_no_node_is_a_difference(fresh_database: FreshDatabase, northwind: Company) -> None:
    run = finish(begin(northwind, released(northwind, chain(2))))
    with fresh_database.connect("owner") as owner:
        owner.execute("ALTER TABLE runs_step DISABLE TRIGGER USER")
        owner.execute("UPDATE runs_step SET node = 'ghost' WHERE node = 'step_1'")

    verdict = verify_run(Run.objects.get(pk=run.pk), actor=northwind.auditor)

    assert ("node", "step_1", "ghost") in {
        (found.what, found.expected, found.found) for found in verdict.differences
    }


def test_the_bytes_of_a_prompt_are_verified(
    fresh_database: FreshDatabase, northwind: Company, serving: Serving
) -> None:
    run = finish(begin(northwind, released(northwind, complaint(northwind))))
    sent = Edge.objects.get(step__run=run, step__node="summarise", role=Edge.Role.PROMPT)
    touched = set(sent.artifact.edges.values_list("step__node", "step__run"))
    with fresh_database.connect("owner") as owner:
        owner.execute("ALTER TABLE runs_artifact DISABLE TRIGGER USER")
        owner.execute("UPDATE runs_artifact SET body = '[]' WHERE id = %s", [sent.artifact_id])

    verdict = verify_run(Run.objects.get(pk=run.pk), actor=northwind.auditor)

    assert {found.what for found in verdict.differences} == {"stored content"}
    assert {(found.node, run.pk) for found in verdict.differences} == touched


def test_what_a_fork_took_over_is_held_against_its_source(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    source = finish(begin(northwind, released(northwind, chain(3))))
    first = finish(fork_of(source, actor=northwind.operator, position=2, reason="again"))
    second = finish(fork_of(first, actor=northwind.operator, position=2, reason="and again"))
    assert verify_run(second, actor=northwind.auditor).holds
    with fresh_database.connect("owner") as owner:
        owner.execute("ALTER TABLE runs_step DISABLE TRIGGER USER")
        owner.execute(
            "UPDATE runs_step SET function = 'returns@1' WHERE node = 'step_1' AND run_id = %s", [second.pk]
        )

    verdict = verify_run(Run.objects.get(pk=second.pk), actor=northwind.auditor)

    assert [(found.node, found.what) for found in verdict.differences] == [("step_1", "copied step")]
