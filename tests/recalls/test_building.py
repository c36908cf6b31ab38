"""Collecting: everything once, wherever it was left, and no further than the cap."""

import pytest
from django.db import IntegrityError, transaction

from governance.ledger.models import Event
from runs.durable.actors import engine
from runs.lineage.subjects import SubjectKind
from runs.recalls.announcing import announce_recall
from runs.recalls.building import advance
from runs.recalls.models import Case, CaseNote, Recall
from runs.recalls.passing import RecallPass
from runs.recalls.tasks import build
from runs.records.models import Run, Step
from tests.factories.cast import Company
from tests.factories.recalls import collected, opened
from tests.factories.remembered import remembering
from tests.factories.runs import begin, chain, finish, released
from tests.harness.fresh import FreshDatabase


def nodes(recall: Recall) -> list[tuple[str, str]]:
    """The cases in their order: node, and how it is connected."""
    return [(case.step.node, case.how) for case in recall.cases.select_related("step").order_by("number")]


@pytest.mark.django_db
def test_what_came_of_an_output_is_found_behind_it(northwind: Company) -> None:
    run = finish(begin(northwind, released(northwind, chain(4))))
    first = Step.objects.get(run=run, node="step_1")

    recall = collected(opened(northwind, SubjectKind.OUTPUT, first.pk))

    assert nodes(recall) == [("step_1", "direct"), ("step_2", "read"), ("step_3", "read")]
    assert (recall.state, recall.found, recall.truncated) == ("open", 3, False)
    assert recall.cases.get(number=2).source == first.pk


@pytest.mark.django_db
def test_each_step_is_a_case_once_though_it_is_found_in_several_ways(northwind: Company) -> None:
    release = released(northwind, remembering())
    runs = [finish(begin(northwind, release, "Ada")) for _ in range(3)]

    recall = collected(opened(northwind, SubjectKind.RELEASE, release.pk))

    steps = Step.objects.filter(run__in=runs, state="succeeded").count()
    assert recall.found == recall.cases.count() == steps
    assert {how for _, how in nodes(recall)} == {"direct"}


@pytest.mark.django_db
def test_more_than_the_cap_is_said_to_be_more(northwind: Company) -> None:
    run = finish(begin(northwind, released(northwind, chain(5))))
    first = Step.objects.get(run=run, node="step_0")

    recall = collected(opened(northwind, SubjectKind.OUTPUT, first.pk), most=3)

    assert (recall.found, recall.truncated, recall.state) == (3, True, "open")
    exactly = collected(opened(northwind, SubjectKind.OUTPUT, first.pk), most=5)
    assert (exactly.found, exactly.truncated) == (5, False)


@pytest.mark.django_db
def test_nothing_relied_on_it(northwind: Company) -> None:
    recall = collected(opened(northwind, SubjectKind.FUNCTION, "never_called@1"))
    assert (recall.state, recall.found) == ("open", 0)


@pytest.mark.django_db
def test_the_ledger_tells_what_was_found(northwind: Company) -> None:
    run = finish(begin(northwind, released(northwind, chain(1))))
    recall = collected(opened(northwind, SubjectKind.OUTPUT, Step.objects.get(run=run).pk))

    told = list(Event.objects.about("recall", recall.pk).order_by("id"))
    assert [event.kind for event in told] == ["recall.opened", "recall.collected"]
    assert told[1].details["cases"] == 1
    assert {event.project for event in told} == {northwind.project.pk}


def test_collecting_goes_on_where_it_was_left_and_two_at_once_find_nothing_twice(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    run = finish(begin(northwind, released(northwind, chain(6))))
    recall = opened(northwind, SubjectKind.OUTPUT, Step.objects.get(run=run, node="step_0").pk)
    advance(recall, actor=engine())

    fresh_database.at_once(*[lambda: build(str(recall.pk)) for _ in range(3)])

    recall.refresh_from_db()
    assert (recall.state, recall.found) == ("open", 6)
    assert [case.number for case in recall.cases.all()] == [1, 2, 3, 4, 5, 6]
    assert Event.objects.filter(kind="recall.collected").count() == 1


def test_the_sweeper_announces_what_was_left(
    fresh_database: FreshDatabase, northwind: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    announced: list[object] = []
    monkeypatch.setattr("runs.recalls.passing.announce_recall", announced.append)
    left, later = (opened(northwind, SubjectKind.FUNCTION, name) for name in ("a@1", "b@1"))
    moments = iter([0.0, 0.0, 1.0, 100.0, 100.0, 200.0, 200.0])
    look = RecallPass(clock=lambda: next(moments))

    long_ago = left.opened_at.replace(year=2020)
    Recall.objects.filter(pk=left.pk).update(advanced_at=long_ago)
    look()
    assert announced == [], "another recall of the project goes on: this one waits for its turn"
    look()
    Recall.objects.filter(pk=later.pk).update(advanced_at=long_ago)
    look()
    assert announced == [left.pk], "one of each project"
    collected(left)
    look()
    assert announced == [left.pk, later.pk]
    announce_recall(left.pk)  # without a broker it is logged, and lost


@pytest.mark.django_db
def test_the_database_keeps_what_a_recall_says(northwind: Company) -> None:
    run = finish(begin(northwind, released(northwind, chain(2))))
    steps = list(Step.objects.filter(run=run).order_by("position"))
    recall = collected(opened(northwind, SubjectKind.OUTPUT, steps[1].pk))
    case = recall.cases.get()
    for change in ({"reason": "Nothing."}, {"state": "building"}, {"found": 0}, {"subject_key": "x"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Recall.objects.filter(pk=recall.pk).update(**change)
    with pytest.raises(IntegrityError, match="not being collected"), transaction.atomic():
        Case.objects.create(recall=recall, number=9, step=steps[0], how="direct")
    Recall.objects.filter(pk=recall.pk).update(state="closed", conclusion="Done.")
    with pytest.raises(IntegrityError, match="closed"), transaction.atomic():
        CaseNote.objects.create(case=case, status="checked", by=northwind.owner, by_name="x")
    assert Run.objects.filter(pk=run.pk).exists()
