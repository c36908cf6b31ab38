"""One recall of a project at a time; what keeps failing is given up in words until a person takes it up."""

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError

from governance.errors import NotAllowed, WrongState
from governance.ledger.models import Event
from runs.durable.actors import engine
from runs.lineage.subjects import SubjectKind
from runs.recalls import turns
from runs.recalls.models import Recall
from runs.recalls.services import close_recall, resume_recall, settle_cases
from runs.recalls.tasks import build
from runs.recalls.turns import MOST_FAILURES, advance_next
from runs.records.models import Step
from tests.factories.cast import Company
from tests.factories.recalls import collected, opened
from tests.factories.runs import begin, chain, finish, released
from tests.harness.fresh import FreshDatabase


def too_slow(recall: Recall, **_: object) -> Recall:
    """As a question that takes longer than the database lets it."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 1")
        cursor.execute("SELECT pg_sleep(60)")
    raise AssertionError(recall)


def unforeseen(recall: Recall, **_: object) -> Recall:
    raise KeyError(recall.pk)


def given_up(company: Company, monkeypatch: pytest.MonkeyPatch) -> Recall:
    """Its first case was found, and then nothing went on any more."""
    run = finish(begin(company, released(company, chain(3))))
    recall = opened(company, SubjectKind.OUTPUT, Step.objects.get(run=run, node="step_0").pk)
    advance_next(company.project.pk, actor=engine())
    with monkeypatch.context() as patched:
        patched.setattr(turns, "advance", too_slow)
        for _ in range(MOST_FAILURES):
            advance_next(company.project.pk, actor=engine())
    recall.refresh_from_db()
    return recall


@pytest.mark.django_db
def test_what_keeps_failing_is_given_up_with_what_was_found_and_told(
    northwind: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    recall = given_up(northwind, monkeypatch)
    assert (recall.state, recall.found, recall.failures) == ("failed", 1, MOST_FAILURES)
    assert recall.failure == "a question to the database took longer than it may"
    event = Event.objects.get(kind="recall.failed", object_id=recall.pk)
    assert (event.details["failures"], event.details["failure"]) == (MOST_FAILURES, recall.failure)
    assert advance_next(northwind.project.pk, actor=engine()) is None


@pytest.mark.django_db
def test_a_failure_now_and_then_gives_nothing_up(northwind: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    run = finish(begin(northwind, released(northwind, chain(6))))
    opened(northwind, SubjectKind.OUTPUT, Step.objects.get(run=run, node="step_0").pk)
    seen = []
    for _ in range(2):
        with monkeypatch.context() as patched:
            patched.setattr(turns, "advance", unforeseen)
            failed = advance_next(northwind.project.pk, actor=engine())
        assert failed is not None
        seen.append((failed.state, failed.failures))
        assert "KeyError" in failed.failure
        advance_next(northwind.project.pk, actor=engine())
    assert seen == [("building", 1)] * 2
    assert not Event.objects.filter(kind="recall.failed").exists()


@pytest.mark.django_db
def test_a_person_has_it_collected_on_from_where_it_was_left(
    northwind: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    recall = given_up(northwind, monkeypatch)
    with pytest.raises(NotAllowed):
        resume_recall(recall, actor=northwind.auditor, reason="Once more.")
    resumed = resume_recall(recall, actor=northwind.approver, reason="Once more.")
    assert (resumed.state, resumed.failures, resumed.failure) == ("building", 0, "")
    build(str(recall.pk))
    recall.refresh_from_db()
    assert (recall.state, recall.found) == ("open", 3)
    with pytest.raises(WrongState, match="Nothing has kept it"):
        resume_recall(recall, actor=northwind.approver, reason="Once more.")
    kinds = Event.objects.about("recall", recall.pk).order_by("id").values_list("kind", flat=True)
    assert list(kinds) == ["recall.opened", "recall.failed", "recall.resumed", "recall.collected"]


@pytest.mark.django_db
def test_what_is_given_up_is_closed_though_it_has_open_cases(
    northwind: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    recall = given_up(northwind, monkeypatch)
    settle_cases(recall, actor=northwind.approver, numbers=[1], status="checked", note="")
    done = close_recall(recall, actor=northwind.approver, conclusion="Asked in another way.")
    assert done.state == "closed"
    told = Event.objects.get(kind="recall.closed").details
    assert (told["collected"], told["open"]) == (False, 0)


@pytest.mark.django_db
def test_the_database_lets_nobody_change_what_was_given_up(
    northwind: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    recall = given_up(northwind, monkeypatch)
    for change in ({"state": "open"}, {"found": 9}, {"state": "building", "found": 9}, {"failures": 0}):
        with pytest.raises(IntegrityError, match="does not change like this"), transaction.atomic():
            Recall.objects.filter(pk=recall.pk).update(**change)


@pytest.mark.django_db
def test_one_that_fails_lets_the_others_go_first(northwind: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = (opened(northwind, SubjectKind.FUNCTION, name) for name in ("a@1", "b@1"))
    with monkeypatch.context() as patched:
        patched.setattr(turns, "advance", unforeseen)
        failed = advance_next(northwind.project.pk, actor=engine())
    assert failed == first
    assert advance_next(northwind.project.pk, actor=engine()) == second


def test_one_worker_at_a_time_collects_in_a_project(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    recall = opened(northwind, SubjectKind.FUNCTION, "never@1")
    with fresh_database.connect("default") as other, other.transaction():
        other.execute(turns.TURN.decode(), {"project": northwind.project.pk})
        build(str(recall.pk))
        recall.refresh_from_db()
        assert recall.state == "building"
    build(str(recall.pk))
    recall.refresh_from_db()
    assert recall.state == "open"


def test_a_worker_takes_turns(
    fresh_database: FreshDatabase, northwind: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    announced: list[object] = []
    monkeypatch.setattr("runs.recalls.tasks.announce_recall", announced.append)
    monkeypatch.setattr("runs.recalls.tasks.AT_A_TIME_SECONDS", -1.0)
    first, second = (opened(northwind, SubjectKind.FUNCTION, name) for name in ("a@1", "b@1"))
    build(str(second.pk))
    assert announced == [first.pk]
    while len(announced) < 20 and Recall.objects.unfinished().exists():
        build(str(announced[-1]))
    assert set(announced) == {first.pk, second.pk}
    assert not Recall.objects.unfinished().exists()
    assert collected(first).found == 0
