"""A stopped run does not go on to what one of its kin has done, or is about to do."""

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from governance.errors import WrongState
from governance.ledger.models import Event
from runs.durable.cancel import cancel_run
from runs.durable.deeds import deeds_of
from runs.durable.resume import may_resume, resume_run
from runs.durable.why import why_not_moving
from runs.records.models import Run
from runs.replay import begins
from tests.api.callers import by_token
from tests.durable.scripts import Killed, call, graph, marks, script
from tests.durable.turning import again, settle
from tests.factories.cast import Company
from tests.factories.forks import fork_of
from tests.factories.runs import begin, expire, released
from tests.factories.things import make_version, pin
from tests.harness.fresh import FreshDatabase

BOOM = RuntimeError("no ink")
PAYS = call("pay", effect="unsafe", irreversible="The money is gone.")


def failed(company: Company, *nodes: dict[str, Any]) -> Run:
    """A run that looks, and stops at what the script says."""
    run = begin(company, released(company, graph(call("look"), *(nodes or (PAYS,)))))
    assert settle(run).state == Run.State.FAILED
    return again(run)


def forked(company: Company, run: Run, position: int = 1) -> Run:
    """A queued fork by an operator."""
    return fork_of(again(run), actor=company.operator, position=position, reason="Once more.")


def resumed(company: Company, run: Run) -> Run:
    """The run, gone on with as far as it goes by itself."""
    return settle(resume_run(again(run), actor=company.operator, reason="It is mended."))


def test_a_source_does_not_do_again_what_its_fork_did(northwind: Company) -> None:
    with script(pay=[BOOM]):
        run = failed(northwind)
        fork = forked(northwind, run)
        assert settle(fork).state == Run.State.SUCCEEDED

        with pytest.raises(WrongState, match=f"“pay” was done already by run {fork.pk}"):
            resumed(northwind, run)

        assert not may_resume(again(run))
        assert f"It cannot be resumed: “pay” was done already by run {fork.pk}" in why_not_moving(again(run))
        assert marks() == ["look", "pay", "pay"]
    assert not Event.objects.of_run(run.pk).filter(kind="run.resumed").exists()


def test_a_source_does_not_go_on_beside_a_fork_that_is_under_way_to_the_same(northwind: Company) -> None:
    with script(pay=[BOOM]):
        run = failed(northwind)
        fork = forked(northwind, run)

        with pytest.raises(WrongState, match=f"Run {fork.pk} is under way and comes to “pay”"):
            resumed(northwind, run)

        cancel_run(again(fork), actor=northwind.operator, reason="Not this one.")
        assert resumed(northwind, run).state == Run.State.SUCCEEDED
        assert marks() == ["look", "pay", "pay"]


def test_a_fork_does_not_do_again_what_its_source_or_another_fork_of_it_did(northwind: Company) -> None:
    with script(pay=[BOOM, BOOM, BOOM]):
        run = failed(northwind)
        first, second = (settle(forked(northwind, run)) for _ in range(2))
        assert (first.state, second.state) == (Run.State.FAILED, Run.State.FAILED)
        assert resumed(northwind, second).state == Run.State.SUCCEEDED

        for member in (run, first):
            with pytest.raises(WrongState, match=f"“pay” was done already by run {second.pk}"):
                resumed(northwind, member)
        for member in (run, first, second):
            with pytest.raises(WrongState, match=f"“pay” was done already by run {second.pk}"):
                forked(northwind, member)
        assert marks() == ["look"] + ["pay"] * 4


def test_what_a_workflow_of_another_fork_did_is_not_done_again(northwind: Company) -> None:
    version = make_version(northwind, "workflow", graph(PAYS, call("x")))
    sub = {"kind": "subrun", "key": "sub", "workflow": pin(version), "inputs": {"letter": "$letter"}}
    with script(pay=[BOOM, BOOM]):
        run = failed(northwind, sub)
        first, second = settle(forked(northwind, run)), settle(forked(northwind, run))
        assert (first.state, second.state) == (Run.State.FAILED, Run.State.SUCCEEDED)

        for act in (resumed, forked):
            with pytest.raises(WrongState, match=f"“pay” was done already by run {second.pk}"):
                act(northwind, first)


def test_a_source_does_not_do_again_what_its_fork_may_have_done(northwind: Company) -> None:
    with script(pay=[BOOM, Killed()]):
        run = failed(northwind)
        fork = forked(northwind, run)
        with pytest.raises(Killed):
            settle(fork)
        expire(fork)
        assert settle(fork).state == Run.State.NEEDS_REVIEW
        cancel_run(again(fork), actor=northwind.operator, reason="Not this one.")
        assert again(fork).state == Run.State.CANCELLED

        with pytest.raises(WrongState, match=f"Nobody knows whether “pay” took effect in run {fork.pk}"):
            resumed(northwind, run)


def test_where_nothing_is_changed_a_source_goes_on_beside_its_forks(northwind: Company) -> None:
    with script(last=[BOOM, BOOM]):
        run = failed(northwind, PAYS, call("last"))
        fork = settle(forked(northwind, run, 2))
        assert fork.state == Run.State.FAILED

        assert resumed(northwind, run).state == Run.State.SUCCEEDED
        assert resumed(northwind, fork).state == Run.State.SUCCEEDED
        assert marks() == ["look", "pay", "last", "last", "last", "last"]


def test_a_run_goes_on_whatever_it_did_itself(northwind: Company) -> None:
    with script(last=[BOOM, BOOM]):
        run = failed(northwind, PAYS, call("last", effect="idempotent"))
        forked_at_last = settle(forked(northwind, run, 2))
        assert forked_at_last.state == Run.State.FAILED

        assert resumed(northwind, forked_at_last).state == Run.State.SUCCEEDED
        assert marks().count("pay") == 1


@pytest.mark.parametrize("beside", ["its source", "another fork"])
def test_of_those_who_go_on_at_once_one_does(
    fresh_database: FreshDatabase, northwind: Company, beside: str
) -> None:
    with script(pay=[BOOM, BOOM, BOOM]):
        run = failed(northwind)
        forks = [settle(forked(northwind, run)) for _ in range(2)]
        assert [fork.state for fork in forks] == [Run.State.FAILED] * 2
        both = [run, forks[0]] if beside == "its source" else forks

        def resume(member: Run) -> Callable[[], Run]:
            return lambda: resume_run(again(member), actor=northwind.operator, reason="It is mended.")

        answers = fresh_database.at_once(*map(resume, both), lambda: forked(northwind, run))

        assert sorted(type(answer).__name__ for answer in answers) == ["Run", "WrongState", "WrongState"]
        for member in Run.objects.filter(version=run.version):
            settle(member)
        assert marks() == ["look", "pay", "pay", "pay", "pay"]


def test_what_another_fork_finishes_while_the_rows_are_read_counts(
    fresh_database: FreshDatabase, northwind: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    with script(pay=[BOOM, BOOM]):
        run = failed(northwind)
        first, second = settle(forked(northwind, run)), forked(northwind, run)
        assert first.state == Run.State.FAILED

        def finishing(runs: list[Run], plan: Any, **asked: Any) -> Any:
            fresh_database.at_once(lambda: settle(second))
            return deeds_of(runs, plan, **asked)

        monkeypatch.setattr(begins, "deeds_of", finishing)
        with pytest.raises(WrongState, match=f"{second.pk}"):
            forked(northwind, first)
        assert again(second).state == Run.State.SUCCEEDED
        assert marks() == ["look", "pay", "pay", "pay"]


def test_the_page_does_not_offer_it_and_the_api_says_why(northwind: Company, client: Any) -> None:
    with script(pay=[BOOM]):
        run = failed(northwind)
        fork = settle(forked(northwind, run))
    client.force_login(northwind.operator)

    page = client.get(reverse("runs:run", args=[run.pk])).content.decode()

    assert f"“pay” was done already by run {fork.pk}" in page
    assert 'data-opens="act-resume"' not in page
    answer = by_token(northwind.operator, northwind).post(f"runs/{run.pk}/resume/", {"reason": "Mended"})
    assert answer.status_code == 409
    assert str(fork.pk) in answer.json()["detail"]
