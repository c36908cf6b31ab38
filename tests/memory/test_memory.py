"""What runs remember: written with the step's commit, read as of the run's beginning, gone back to."""

import threading

import pytest
from django.db import IntegrityError, connection, transaction

from governance.errors import NotAllowed, WrongState
from governance.ledger.models import Event
from runs.artifacts.opening import bytes_of
from runs.lineage.models import Edge
from runs.memory.models import Entry
from runs.memory.services import revert_entry
from runs.memory.writing import LOCK
from runs.records.models import Run, Step
from runs.replay.fork import replay_run
from runs.replay.verify import verify_run
from tests.factories.cast import Company
from tests.factories.remembered import remembering
from tests.factories.runs import begin, finish, released
from tests.harness.fresh import FreshDatabase
from tests.waiting import wait_until

WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'advisory'"


def looked(run: Run) -> bytes:
    """What the run found in memory."""
    step = Step.objects.select_related("output").get(run=run, node="look")
    assert step.output is not None
    return bytes_of(step.output)


def test_a_run_reads_what_the_run_before_it_wrote(northwind: Company) -> None:
    release = released(northwind, remembering())
    first = finish(begin(northwind, release, "Ada"))
    second = finish(begin(northwind, release, "Ada"))

    assert first.state == second.state == Run.State.SUCCEEDED, (first.error, second.error)
    assert looked(first) == b'{"known":""}'
    assert looked(second) == b'{"known":{"text":""}}'
    written = list(Entry.objects.order_by("number").values_list("number", "step__run", "sequence"))
    assert written == [(1, first.pk, 1), (2, second.pk, 2)]
    read = Edge.objects.get(step__run=second, step__node="look", role=Edge.Role.INPUT)
    assert (read.name, read.source) == ("known", "memory:senders/Ada@1")
    told = Event.objects.get(run=first.pk, kind="memory.written")
    assert told.details["value"] == "senders/Ada@1"


def test_a_part_of_the_output_is_remembered_by_its_path(northwind: Company) -> None:
    finish(begin(northwind, released(northwind, remembering(path="text")), "Ada"))

    assert not Entry.objects.exists()  # the text is empty, and an empty text cannot be kept
    step = Step.objects.get(node="keep")
    assert step.error is not None
    assert step.error.code == "memory_refused"


def test_what_is_written_meanwhile_is_not_read_by_a_run_that_has_begun(northwind: Company) -> None:
    release = released(northwind, remembering())
    finish(begin(northwind, release, "Ada"))
    early = begin(northwind, release, "Ada")
    with connection.cursor() as cursor:  # it was taken up when one entry was there
        cursor.execute("UPDATE runs_run SET memory_snapshot = 1 WHERE id = %s", [early.pk])
    finish(begin(northwind, release, "Ada"))

    early = finish(early)

    assert looked(early) == b'{"known":{"text":""}}'
    assert Edge.objects.filter(step__run=early, source="memory:senders/Ada@1").exists()
    assert verify_run(early, actor=northwind.auditor).holds


def test_an_earlier_version_holds_again_when_somebody_goes_back_to_it(northwind: Company) -> None:
    release = released(northwind, remembering())
    for _ in range(2):
        finish(begin(northwind, release, "Ada"))
    first, second = Entry.objects.order_by("number")

    again = revert_entry(first, actor=northwind.operator, reason="The second was wrong.")

    assert (again.number, again.artifact_id, again.restores_id) == (3, first.artifact_id, first.pk)
    told = Event.objects.get(kind="memory.reverted")
    assert (told.details["reason"], told.project) == ("The second was wrong.", northwind.project.pk)
    with pytest.raises(WrongState, match="holds already"):
        revert_entry(first, actor=northwind.operator, reason="Once more.")
    assert looked(finish(begin(northwind, release, "Ada"))) == b'{"known":{"text":""}}'
    with pytest.raises(NotAllowed):
        revert_entry(second, actor=northwind.auditor, reason="I would like to.")


def test_what_is_remembered_cannot_be_forged(northwind: Company) -> None:
    finish(begin(northwind, released(northwind, remembering()), "Ada"))
    entry = Entry.objects.get()

    forged = Entry(
        project_id=entry.project_id,
        namespace="senders",
        key="Bob",
        number=1,
        sequence=2,
        artifact_id=entry.artifact_id,
        classification="public",
        restores=entry,
        author=northwind.operator,
    )

    with pytest.raises(IntegrityError, match="no step and no earlier version"), transaction.atomic():
        forged.save(force_insert=True)


def test_entries_are_counted_in_the_order_of_their_commits(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    release = released(northwind, remembering())
    for _ in range(2):
        finish(begin(northwind, release, "Ada"))
    first, second = Entry.objects.order_by("number")

    def write(restored: Entry) -> Entry:
        return revert_entry(restored, actor=northwind.operator, reason="At once.")

    fresh_database.at_once(*(lambda entry=entry: write(entry) for entry in (first, second) * 4))

    # Who comes when it holds already is told so; whoever was let in was counted, each once.
    counted = sorted(Entry.objects.values_list("sequence", "number"))
    assert counted == [(number, number) for number in range(1, len(counted) + 1)]
    assert len(counted) > 2


def test_what_runs_of_another_environment_left_is_not_read(northwind: Company) -> None:
    finish(begin(northwind, released(northwind, remembering(), environment=northwind.development), "Ada"))
    in_production = released(northwind, remembering(), environment=northwind.production)

    first = finish(begin(northwind, in_production, "Ada"))

    assert looked(first) == b'{"known":""}'
    left = Entry.objects.order_by("at").values_list("environment__slug", "number", "sequence")
    assert list(left) == [("development", 1, 1), ("production", 1, 1)]


def test_what_is_run_for_a_comparison_reads_as_its_source_did_and_leaves_nothing(northwind: Company) -> None:
    release = released(northwind, remembering())
    finish(begin(northwind, release, "Ada"))
    source = finish(begin(northwind, release, "Ada"))
    known = Entry.objects.count()

    again, _ = replay_run(source, actor=northwind.operator, reason="Is it the same?")
    again = finish(again)

    assert looked(again) == looked(source)
    assert Entry.objects.count() == known
    assert verify_run(again, actor=northwind.auditor).holds


def test_of_two_who_go_back_to_the_same_version_at_once_one_is_told_that_it_holds_already(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    release = released(northwind, remembering())
    finish(begin(northwind, release, "Ada"))
    finish(begin(northwind, release, "Ada"))
    first, second = Entry.objects.order_by("number")
    assert first.artifact_id != second.artifact_id
    answers: list[object] = []

    def both() -> None:
        def go_back() -> Entry:
            return revert_entry(first, actor=northwind.operator, reason="The second was wrong.")

        answers.extend(fresh_database.at_once(go_back, go_back))

    with fresh_database.connect() as another, fresh_database.connect() as watching:
        with another.transaction():
            another.execute(LOCK, [f"{first.project_id} {first.environment_id}"])
            going = threading.Thread(target=both)
            going.start()
            wait_until(lambda: watching.execute(WAITING).fetchone() == (2,), "both wait for their turn")
        going.join(timeout=60)

    assert sorted(type(answer).__name__ for answer in answers) == ["Entry", "WrongState"]
    assert Entry.objects.count() == 3
