"""Runs made from one another that took different ways at a branch: what one did there no other does again."""

from typing import Any

import pytest

from governance.errors import WrongState
from runs.durable.cancel import cancel_run
from runs.durable.resume import may_resume, resume_run
from runs.records.models import Run
from runs.replay.fitting import begins_of, plan_kept
from tests.durable.scripts import Killed, call, graph, marks, script
from tests.durable.turning import again, settle
from tests.factories.cast import Company
from tests.factories.forks import fork_of
from tests.factories.runs import begin, expire, released
from tests.factories.things import make_version, pin

BOOM = RuntimeError("no ink")
PAYS = call("pay", effect="unsafe", irreversible="The money is gone.")
SHORT, LONG = (lambda: "short"), (lambda: "long")
# On the short way a run pays at position 2; on the long way it looks at position 4, and pays at 5.
LOOKS, PAYS_SOON = 4, 2


def two_ways(*, pays: dict[str, Any] = PAYS, last: bool = False, **look: Any) -> dict[str, Any]:
    """Somebody is asked, and by the answer the payment comes soon, or after three steps."""
    cases = [{"equals": "short", "next": "pay"}, {"equals": "long", "next": "first"}]
    route = {"kind": "branch", "key": "route", "on": "ask.text", "cases": cases}
    long_way = [call("first"), call("second"), call("look", **look)]
    nodes = [call("ask", next="route"), route, *long_way, {**pays, "key": "pay"}]
    return graph(*nodes, *([call("last")] if last else []), output="ask")


def begun(company: Company, content: dict[str, Any]) -> Run:
    """A run as far as it goes by itself."""
    return again(settle(begin(company, released(company, content))))


def forked(company: Company, run: Run, position: int) -> Run:
    """A fork by an operator, driven to where it goes by itself."""
    fork = fork_of(again(run), actor=company.operator, position=position, reason="Once more.")
    return again(settle(fork))


def resumed(company: Company, run: Run) -> Run:
    """The run, gone on with as far as it goes by itself."""
    return settle(resume_run(again(run), actor=company.operator, reason="It is mended."))


def offered(run: Run) -> list[int]:
    """The positions at which a fork of the run is offered to begin."""
    plan = plan_kept(run)
    assert plan is not None
    return [position for position, _, _ in begins_of(run, plan)]


def gone_apart(company: Company, content: dict[str, Any]) -> tuple[Run, Run]:
    """A run that stands before the payment on the long way, and its fork that went the short way."""
    run = begun(company, content)
    assert (run.state, run.position) == (Run.State.FAILED, LOOKS)
    return run, forked(company, run, 0)


def test_a_source_does_not_do_again_what_its_fork_did_on_another_way(northwind: Company) -> None:
    with script(ask=[LONG, SHORT], look=[BOOM]):
        run, fork = gone_apart(northwind, two_ways())
        assert (fork.state, fork.position) == (Run.State.SUCCEEDED, PAYS_SOON + 1)

        with pytest.raises(WrongState, match=f"“pay” was done already by run {fork.pk}"):
            resumed(northwind, run)

        assert not may_resume(again(run))
        assert marks().count("pay") == 1


def test_a_second_fork_does_not_do_again_what_the_first_did_on_another_way(northwind: Company) -> None:
    with script(ask=[LONG, SHORT], look=[BOOM]):
        run, fork = gone_apart(northwind, two_ways())
        assert fork.state == Run.State.SUCCEEDED

        for position in range(LOOKS + 1):
            with pytest.raises(WrongState, match=f"“pay” was done already by run {fork.pk}"):
                forked(northwind, run, position)

        assert offered(again(run)) == []
        assert marks().count("pay") == 1


def test_a_fork_does_not_do_again_what_its_source_did_on_another_way(northwind: Company) -> None:
    with script(ask=[SHORT, LONG], pay=[BOOM], look=[BOOM]):
        run = begun(northwind, two_ways())
        fork = forked(northwind, run, 0)
        assert (fork.state, fork.position) == (Run.State.FAILED, LOOKS)
        assert resumed(northwind, run).state == Run.State.SUCCEEDED

        with pytest.raises(WrongState, match=f"“pay” was done already by run {run.pk}"):
            resumed(northwind, fork)
        with pytest.raises(WrongState, match=f"“pay” was done already by run {run.pk}"):
            forked(northwind, fork, LOOKS)
        assert marks().count("pay") == 2


def test_what_a_fork_of_another_fork_did_on_another_way_is_not_done_again(northwind: Company) -> None:
    with script(ask=[LONG, LONG, SHORT], look=[BOOM, BOOM]):
        run, first = gone_apart(northwind, two_ways())
        assert first.state == Run.State.FAILED
        second = forked(northwind, first, 0)
        assert second.state == Run.State.SUCCEEDED

        for member in (run, first):
            with pytest.raises(WrongState, match=f"“pay” was done already by run {second.pk}"):
                resumed(northwind, member)
            with pytest.raises(WrongState, match=f"“pay” was done already by run {second.pk}"):
                forked(northwind, member, LOOKS)


def test_what_a_workflow_on_another_way_did_is_not_done_again(northwind: Company) -> None:
    version = make_version(northwind, "workflow", graph(PAYS, call("x")))
    sub = {"kind": "subrun", "workflow": pin(version), "inputs": {"letter": "$letter"}}
    with script(ask=[LONG, SHORT], look=[BOOM]):
        run, fork = gone_apart(northwind, two_ways(pays=sub))
        assert fork.state == Run.State.SUCCEEDED

        with pytest.raises(WrongState, match=f"“pay” was done already by run {fork.pk}"):
            resumed(northwind, run)
        with pytest.raises(WrongState, match=f"“pay” was done already by run {fork.pk}"):
            forked(northwind, run, LOOKS)


def test_what_may_have_been_done_on_another_way_is_not_done_again(northwind: Company) -> None:
    with script(ask=[LONG, SHORT], look=[BOOM], pay=[Killed()]):
        run = begun(northwind, two_ways())
        fork = fork_of(run, actor=northwind.operator, position=0, reason="Once more.")
        with pytest.raises(Killed):
            settle(fork)
        expire(fork)
        assert settle(fork).state == Run.State.NEEDS_REVIEW
        cancel_run(again(fork), actor=northwind.operator, reason="Not this one.")

        with pytest.raises(WrongState, match=f"Nobody knows whether “pay” took effect in run {fork.pk}"):
            resumed(northwind, run)


def test_what_a_fork_takes_over_is_not_held_against_it_nor_is_what_is_not_ahead(northwind: Company) -> None:
    with script(ask=[LONG, SHORT], look=[BOOM], last=[BOOM, BOOM]):
        _, fork = gone_apart(northwind, two_ways(last=True))
        assert (fork.state, fork.position) == (Run.State.FAILED, PAYS_SOON + 1)
        assert offered(fork) == [PAYS_SOON + 1]

        after = forked(northwind, fork, PAYS_SOON + 1)

        assert after.state == Run.State.FAILED
        assert resumed(northwind, after).state == Run.State.SUCCEEDED
        assert resumed(northwind, fork).state == Run.State.SUCCEEDED
        assert marks().count("pay") == 1


def test_where_a_way_changes_nothing_more_a_run_goes_on_whatever_its_kin_did(northwind: Company) -> None:
    with script(ask=[LONG, SHORT], look=[BOOM, BOOM]):
        run, fork = gone_apart(northwind, two_ways(next=None))
        assert fork.state == Run.State.SUCCEEDED

        assert offered(again(run)) == [2, 3, LOOKS]
        assert forked(northwind, run, LOOKS).state == Run.State.FAILED
        assert resumed(northwind, run).state == Run.State.SUCCEEDED
        assert marks().count("pay") == 1
