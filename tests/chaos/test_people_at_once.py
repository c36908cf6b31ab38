"""People and programs that ask for the same at once, too early, twice or too late; real workers."""

from collections import Counter
from functools import partial

import pytest
from django.db.models import F
from django.db.models.functions import Now

from governance.accounts.models import User
from governance.errors import WrongState
from governance.ledger.models import Event
from runs.durable.decide import decide
from runs.durable.signal import send_signal
from runs.durable.start import start_run
from runs.people.models import Task
from runs.records.models import Run, Step
from tests.chaos.floor import Floor
from tests.chaos.flows import marks, step
from tests.durable.scripts import graph
from tests.factories.cast import Company
from tests.factories.runs import begin, released
from tests.factories.waits import asking, task_of, team_of, waiting, with_late_way
from tests.harness.fresh import FreshDatabase
from tests.waiting import wait_until

pytestmark = pytest.mark.chaos


def again(run: Run) -> Run:
    return Run.objects.get(pk=run.pk)


def waits(run: Run) -> None:
    wait_until(lambda: again(run).state == "waiting", "it waits")


def test_fifty_starts_with_one_key_are_executed_once(
    floor: Floor, northwind: Company, fresh_database: FreshDatabase
) -> None:
    release, operator, environment = (
        released(northwind, graph(step("one"))),
        northwind.operator,
        northwind.development,
    )
    floor.hire()

    def started() -> tuple[Run, bool]:
        return start_run(
            release.workflow,
            actor=operator,
            environment=environment,
            inputs={"letter": "run"},
            idempotency_key="once",
        )

    answers = fresh_database.at_once(*[started] * 50)
    floor.settle()

    made = [answer for answer in answers if not isinstance(answer, Exception)]
    assert Counter(new for _, new in made) == {True: 1, False: 49}
    assert (Run.objects.count(), marks(floor.witness)) == (1, ["one"])


def test_of_two_people_who_decide_at_once_one_wins_and_both_are_recorded(
    floor: Floor, northwind: Company, fresh_database: FreshDatabase
) -> None:
    floor.hire()
    team_of(northwind, "Desk", northwind.operator, northwind.author)
    run = begin(northwind, released(northwind, asking("approve", team="desk")))
    waits(run)
    task = task_of(run)

    def decided(person: User, decision: str) -> Task:
        return decide(Task.objects.get(pk=task.pk), actor=person, decision=decision, reason="I have read it.")

    answers = fresh_database.at_once(
        partial(decided, northwind.operator, "approve"),
        partial(decided, northwind.author, "approve"),
    )
    assert Counter(type(answer).__name__ for answer in answers) == {"Task": 1, "WrongState": 1}
    floor.settle()

    told = Event.objects.of_run(run.pk).filter(object_type="task").exclude(kind="task.opened")
    assert len({event.actor_name for event in told}) == 2
    assert Step.objects.filter(run=run, node="ask").count() == 1
    assert again(run).state == "succeeded"


def test_a_signal_before_the_wait_is_kept_and_a_second_one_changes_nothing(
    floor: Floor, northwind: Company
) -> None:
    run = begin(northwind, released(northwind, waiting(before=True)))
    send = partial(send_signal, run, actor=northwind.operator, name="paid", payload={"amount": 5})
    first, new = send(key="k1")
    repeated, again_new = send(key="k1")
    floor.hire()

    floor.settle()

    assert (new, again_new, first.pk == repeated.pk) == (True, False, True)
    assert again(run).state == "succeeded"
    assert Step.objects.filter(run=run, node="payment").count() == 1


def test_a_signal_after_the_timeout_is_too_late(floor: Floor, northwind: Company) -> None:
    content = with_late_way(waiting(before=True, timeout_s=3600), "payment")
    run = begin(northwind, released(northwind, content))
    floor.hire()
    waits(run)
    Run.objects.filter(pk=run.pk).update(wake_at=Now(), waits_since=F("waits_since"))
    floor.settle()
    assert "late" in Step.objects.filter(run=run).values_list("node", flat=True)
    ended = again(run).finished_at

    with pytest.raises(WrongState):
        send_signal(again(run), actor=northwind.operator, name="paid", key="k1", payload={})

    floor.settle()
    assert (again(run).state, again(run).finished_at) == ("succeeded", ended)
