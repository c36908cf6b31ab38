"""Where a fork may begin: nothing is done twice, nothing undone is taken over, nobody decides unasked."""

from typing import Any

import pytest
from django.urls import reverse

from governance.errors import WrongState
from runs.durable.cancel import cancel_run
from runs.durable.decide import decide
from runs.durable.review import repeat_step
from runs.people.models import Task
from runs.records.models import Run
from runs.replay.fitting import begins_of, may_fork, plan_kept
from tests.durable.scripts import Killed, call, graph, marks, script, undoable
from tests.durable.turning import again, settle, work
from tests.factories.cast import Company
from tests.factories.forks import fork_of
from tests.factories.runs import begin, expire, released
from tests.factories.things import make_version, pin
from tests.factories.waits import team_of
from tests.harness.fresh import FreshDatabase
from tests.providers.serving import Calling

BOOM = RuntimeError("no ink")
ASKS = {"kind": "human_task", "key": "ok", "task": "approve", "title": "May it be paid?", "team": "Desk"}
PAYS = call("pay", effect="unsafe", irreversible="The money is gone.")
PAYS_IF = call("pay", text="ok", effect="unsafe", irreversible="The money is gone.")


def offered(run: Run) -> list[int]:
    """The positions at which a fork of the run is offered to begin."""
    plan = plan_kept(run)
    assert plan is not None
    return [position for position, _, _ in begins_of(run, plan)]


def forked(company: Company, run: Run, position: int) -> Run:
    """A fork by an operator, driven to where it goes by itself."""
    return settle(fork_of(again(run), actor=company.operator, position=position, reason="Once more."))


def sub(company: Company, *nodes: dict[str, Any]) -> dict[str, Any]:
    """A node that runs a workflow of these nodes."""
    version = make_version(company, "workflow", graph(*nodes))
    return {"kind": "subrun", "key": "sub", "workflow": pin(version), "inputs": {"letter": "$letter"}}


def decided(company: Company, *nodes: dict[str, Any], place: str = "production") -> Run:
    """A run whose task was approved by somebody else than its starter."""
    team_of(company, "Desk", company.approver)
    release = released(company, graph(*nodes), environment=getattr(company, place))
    run = settle(begin(company, release, by=company.operator))
    decide(Task.objects.get(), actor=company.approver, decision="approve", reason="It is owed.")
    return settle(run)


def test_what_was_undone_is_not_taken_over(northwind: Company) -> None:
    content = graph(undoable("reserve"), call("charge"), call("last"))
    run = begin(northwind, released(northwind, content))
    with script(charge=[BOOM]):
        assert settle(run).state == Run.State.COMPENSATED
        assert offered(again(run)) == [0]
        with pytest.raises(WrongState, match="“reserve” did has been undone"):
            forked(northwind, run, 1)

        fork = forked(northwind, run, 0)

        assert fork.state == Run.State.SUCCEEDED
        assert marks() == ["reserve", "charge", "undo_reserve", "reserve", "charge", "last"]


def test_what_was_undone_after_it_was_taken_over_is_not_taken_over_again(northwind: Company) -> None:
    pause = {"kind": "timer", "key": "pause", "seconds": 3600}
    run = begin(northwind, released(northwind, graph(undoable("reserve"), pause, call("last"))))
    with script():
        work()
        fork = fork_of(again(run), actor=northwind.operator, position=1, reason="Once more.")
        cancel_run(again(fork), actor=northwind.operator, reason="Wrong letter.")
        cancel_run(again(run), actor=northwind.operator, reason="Wrong letter.")
        assert settle(run).state == Run.State.COMPENSATED

        assert offered(settle(fork)) == [0]
        with pytest.raises(WrongState, match="“reserve” did has been undone"):
            forked(northwind, fork, 1)


def test_what_was_done_is_not_done_again(northwind: Company) -> None:
    run = begin(northwind, released(northwind, graph(call("look"), PAYS, call("last"))))
    with script(last=[BOOM]):
        assert settle(run).state == Run.State.FAILED
        for position in (0, 1):
            with pytest.raises(WrongState, match="“pay” was done already"):
                forked(northwind, run, position)
        assert offered(again(run)) == [2]

        assert forked(northwind, run, 2).state == Run.State.SUCCEEDED
        assert marks() == ["look", "pay", "last", "last"]


def test_what_failed_may_be_done_by_one_fork_and_not_by_another(northwind: Company) -> None:
    run = begin(northwind, released(northwind, graph(call("look"), PAYS)))
    with script(pay=[BOOM]):
        assert settle(run).state == Run.State.FAILED
        fork = forked(northwind, run, 1)
        assert fork.state == Run.State.SUCCEEDED

        for source in (run, fork):
            with pytest.raises(WrongState, match="“pay” was done already"):
                forked(northwind, source, 1)
        assert not may_fork(again(run))
        assert marks() == ["look", "pay", "pay"]


def test_what_a_workflow_of_it_did_is_not_done_again(northwind: Company) -> None:
    run = begin(northwind, released(northwind, graph(sub(northwind, PAYS, call("x")), call("last"))))
    with script(x=[BOOM]):
        assert settle(run).state == Run.State.FAILED
        with pytest.raises(WrongState, match="“pay” was done already"):
            forked(northwind, run, 0)
        assert not may_fork(again(run))


@pytest.mark.parametrize("within", [False, True])
def test_what_nobody_knows_of_is_not_done_again(northwind: Company, within: bool) -> None:
    nodes = [sub(northwind, PAYS)] if within else [PAYS]
    run = begin(northwind, released(northwind, graph(call("look"), *nodes, call("last"))))
    with script(pay=[Killed()]):
        with pytest.raises(Killed):
            settle(run)
        expire(Run.objects.get(lease_until__isnull=False))
        settle(run)
        part = Run.objects.get(state="needs_review")
        done = cancel_run(again(run), actor=northwind.operator, reason="Wrong letter.")
        assert settle(done).state == Run.State.CANCELLED
        assert (again(part).state, again(part).position) == (Run.State.CANCELLED, 0 if within else 1)

        with pytest.raises(WrongState, match="Nobody knows whether “pay” took effect"):
            forked(northwind, run, 1)
        assert not may_fork(again(run))
        assert marks() == ["look", "pay"]


def test_what_an_operator_said_had_no_effect_is_not_in_doubt(northwind: Company) -> None:
    run = begin(northwind, released(northwind, graph(call("look"), PAYS)))
    with script(pay=[Killed()]):
        with pytest.raises(Killed):
            settle(run)
        expire(run)
        assert settle(run).state == Run.State.NEEDS_REVIEW
    with script(pay=[BOOM]):
        repeat_step(again(run), actor=northwind.operator, reason="It was not paid.")
        assert settle(run).state == Run.State.FAILED
        assert offered(again(run)) == [0, 1]


@pytest.mark.parametrize(("mood", "free"), [("broken", False), ("wrong", True)])
def test_a_request_that_may_have_been_answered_by_the_server_is_not_sent_by_a_fork(
    northwind: Company, calling: Calling, mood: str, free: bool
) -> None:
    calling.be(mood)
    book = {"kind": "http", "key": "book", "endpoint": "bank", "method": "PUT", "path": "/b", "inputs": {}}
    run = begin(northwind, released(northwind, graph(call("look"), book | {"effect": "idempotent"})))
    with script():
        assert settle(run).state == Run.State.FAILED
        assert may_fork(again(run)) == free


def test_of_two_forks_one_pays(northwind: Company) -> None:
    asked: dict[str, Any] = {"actor": northwind.operator, "reason": "Once more."}
    run = begin(northwind, released(northwind, graph(call("look"), PAYS)))
    with script(pay=[BOOM]):
        settle(run)
        assert offered(again(run)) == [0, 1]
        first = fork_of(again(run), position=1, **asked)

        assert not may_fork(again(run))
        for source in (run, first):
            with pytest.raises(WrongState, match=f"Run {first.pk} is under way and comes to “pay”"):
                fork_of(again(source), position=0, **asked)

        cancel_run(again(first), actor=northwind.operator, reason="Not this one.")
        assert forked(northwind, run, 1).state == Run.State.SUCCEEDED
        assert marks() == ["look", "pay", "pay"]


def test_of_many_forks_at_once_one_is_made(fresh_database: FreshDatabase, northwind: Company) -> None:
    run = begin(northwind, released(northwind, graph(call("look"), PAYS)))
    with script(pay=[BOOM]):
        assert settle(run).state == Run.State.FAILED

    def fork() -> Run:
        return fork_of(again(run), actor=northwind.operator, position=1, reason="Once more.")

    answers = fresh_database.at_once(*[fork] * 4)

    assert [type(answer).__name__ for answer in answers].count("WrongState") == 3
    assert Run.objects.filter(source=run).count() == 1


@pytest.mark.parametrize("pays", ["here", "in a workflow"])
def test_one_decision_is_not_used_for_another_payment(northwind: Company, pays: str) -> None:
    node = PAYS_IF if pays == "here" else {**sub(northwind, PAYS), "inputs": {"letter": "ok"}}
    with script(pay=[BOOM]):
        run = decided(northwind, ASKS, node)
        assert (run.state, marks()) == (Run.State.FAILED, ["pay"])

        with pytest.raises(WrongState, match="decided at “ok”"):
            forked(northwind, run, 1)
        assert offered(run) == [0]

        fork = forked(northwind, run, 0)
        assert (fork.state, fork.waits_for, marks()) == (Run.State.WAITING, "person", ["pay"])
        assert Task.objects.filter(run=fork, state="open").exists()


def test_a_decision_in_a_workflow_of_it_is_a_decision(northwind: Company) -> None:
    with script(pay=[BOOM]):
        run = decided(northwind, sub(northwind, ASKS), PAYS)
        assert run.state == Run.State.FAILED
        with pytest.raises(WrongState, match="decided at “sub”"):
            forked(northwind, run, 1)


def test_a_decision_is_taken_over_where_nothing_is_changed_after_it(northwind: Company) -> None:
    with script():
        run = decided(northwind, ASKS, call("last", text="ok"))
        assert forked(northwind, run, 1).state == Run.State.SUCCEEDED


def test_where_nothing_is_protected_a_decision_is_taken_over(northwind: Company) -> None:
    with script(pay=[BOOM]):
        run = decided(northwind, ASKS, PAYS_IF, place="development")
        assert forked(northwind, run, 1).state == Run.State.SUCCEEDED


def test_the_page_does_not_offer_what_is_refused(northwind: Company, client: Any) -> None:
    client.force_login(northwind.operator)
    run = begin(northwind, released(northwind, graph(call("look"), PAYS)))
    with script():
        settle(run)
    page = client.get(reverse("runs:run", args=[run.pk])).content.decode()
    assert 'id="act-fork"' not in page

    chosen = {"position": 1, "reason": "Again.", "environment": northwind.development.pk, "key": "k"}
    answer = client.post(reverse("runs:fork", args=[run.pk]), chosen)
    assert answer.status_code == 400
    assert not Run.objects.filter(source=run).exists()
