"""Runs that stand in each state in which a run can stand, brought there by the engine and its services."""

from typing import Any

from governance.ledger.identity import uuid7
from runs.durable.cancel import cancel_run
from runs.durable.checkpoint import checkpoint
from runs.durable.claim import MOST_RECOVERIES, Claim, claim
from runs.durable.drive import drive
from runs.durable.moves import asleep
from runs.durable.outcomes import Wait
from runs.durable.pause import pause_run
from runs.durable.statements import Statement, rows
from runs.durable.sweep import sweep
from runs.functions.registry import step_function
from runs.records.models import Run
from tests.factories.cast import Company
from tests.factories.runs import LETTER, begin, chain, expire, finish, released

FAILS: dict[str, Any] = {"function": "returns@1", "settings": {"what": "raise"}}
DOES: dict[str, Any] = {"function": "nothing@1"}
NOT_YET: dict[str, Any] = {"function": "needs_file@1"}  # the environment names no file
HOUR = 3600


@step_function("listed", version=1, takes={"text", "count"})
def listed(*, text: str, count: int) -> list[str]:
    """So many items."""
    return [f"{text[:20]} {number}" for number in range(count)]


@step_function("picky", version=1, takes={"text", "refuses"})
def picky(*, text: str, refuses: str) -> dict[str, Any]:
    """Fail for items that end like this."""
    if text.endswith(refuses):
        raise ValueError(f"{text} is refused")
    return {"text": text}


def call(key: str, then: str = "", **more: Any) -> dict[str, Any]:
    """A function node that reads the letter."""
    node = {"kind": "function", "key": key, "inputs": {"text": "$letter"}, **DOES, **more}
    return {**node, "next": then} if then else node


def workflow(*nodes: dict[str, Any], output: str = "") -> dict[str, Any]:
    """A workflow of these nodes, beginning with the first; its output is the last one's unless named."""
    return {
        "inputs": [{"name": "letter", "classification": "internal"}],
        "nodes": list(nodes),
        "start": nodes[0]["key"],
        "output": output or nodes[-1]["key"],
    }


def timed(company: Company) -> Run:
    """It waits an hour."""
    return driven(
        company, workflow({"kind": "timer", "key": "cool_off", "seconds": HOUR, "next": "end"}, call("end"))
    )


def put_off(company: Company, **retry: int) -> Run:
    """Its first attempt has failed; the next one is an hour away at most."""
    policy = {"attempts": 3, "first_delay_ms": HOUR * 1000, "cap_ms": HOUR * 1000, **retry}
    return driven(company, workflow(call("post", **FAILS, retry=policy)))


def waiting_for(company: Company, what: Run.WaitsFor) -> Run:
    """Its executor said that it waits for this, for half a minute."""
    run = begin(company, released(company, workflow(call("ask", "end"), call("end"))))
    held = taken(run)
    checkpoint(held, [], asleep(held.cursor, Wait(what, seconds=30), attempt=1, nudges=held.nudges))
    return Run.objects.get(pk=run.pk)


def in_parts(company: Company, *, items: int = 10, at_once: int = 2, **each: Any) -> Run:
    """A map over a list of so many items, whose slices have not begun."""
    listing = {"kind": "function", "key": "list", "function": "listed@1", "inputs": {"text": "$letter"}}
    one = {"kind": "function", "function": "nothing@1", "inputs": {"text": "@item"}, **each}
    over = {"kind": "map", "key": "each", "over": "list", "each": one, "at_once": at_once}
    listing |= {"settings": {"count": items}, "next": "each"}
    return driven(company, workflow(listing, over))


def unsure(company: Company, *, then: bool = True, letter: str = LETTER, **more: Any) -> Run:
    """Nobody knows whether its unsafe step took effect: the worker stopped in the middle of it."""
    undo = {"kind": "function", "function": "nothing@1", "inputs": {"text": "$letter"}}
    pay = call("pay", "end" if then else "", effect="unsafe", compensate=undo, **more)
    run = begin(company, released(company, workflow(pay, *([call("end")] if then else []))), letter)
    held = taken(run)
    mark = {"run": held.run, "epoch": held.epoch, "position": held.position, "mark": uuid7()}
    assert rows(Statement.BEGIN, mark)[0].begun
    expire(run)
    return finish(run)


def undoing(company: Company, *, attempts: int, **undo: Any) -> Run:
    """It reserved something, then failed; undoing it is tried so often."""
    back = {"kind": "function", "inputs": {"text": "$letter"}, **(undo or NOT_YET)}
    back |= {"retry": {"attempts": attempts, "first_delay_ms": HOUR * 1000, "cap_ms": HOUR * 1000}}
    reserve = call("reserve", "book", effect="idempotent", compensate=back)
    return driven(company, workflow(reserve, call("book", **FAILS)))


def failed(company: Company) -> Run:
    """Its only step always fails."""
    return driven(company, workflow(call("book", **FAILS)))


def driven(company: Company, content: dict[str, Any], **more: Any) -> Run:
    """A run of the content, as far as it goes."""
    return finish(begin(company, released(company, content), **more))


def taken(run: Run, worker: str = "host:1:thread") -> Claim:
    """The run, held by a worker that does nothing."""
    held = claim(run.pk, worker=worker)
    if held is None:
        raise AssertionError("the run cannot be claimed")
    return held


def drive_parts(run: Run) -> None:
    """Drive every part that has not ended, as far as it goes, and then the run."""
    for part in run.parts.order_by("id"):
        drive(part.pk, worker="test")
    drive(run.pk, worker="test")


def queued(company: Company) -> Run:
    """Nobody has taken it up."""
    return begin(company, released(company, chain(1)))


def running(company: Company) -> Run:
    """A worker holds it."""
    run = queued(company)
    taken(run)
    return run


def paused(company: Company) -> Run:
    """An operator has held it up."""
    return pause_run(queued(company), actor=company.operator, reason="wait a bit")


def done(company: Company) -> Run:
    """All of it succeeded."""
    return finish(queued(company))


def limited(company: Company) -> Run:
    """There is no room at what it calls."""
    return waiting_for(company, Run.WaitsFor.LIMIT)


def undone(company: Company) -> Run:
    """It failed, and what it did was undone."""
    return undoing(company, attempts=1, function="nothing@1")


def half_undone(company: Company) -> Run:
    """What it did could not be undone."""
    return undoing(company, attempts=1)


def being_undone(company: Company) -> Run:
    """Undoing it is tried again later."""
    return undoing(company, attempts=2)


def told_later(company: Company) -> Run:
    """It waits for a signal."""
    wait = {"kind": "wait_event", "key": "paid", "event": "payment.received", "timeout_s": HOUR}
    return driven(company, workflow(call("book", "paid"), {**wait, "next": "end"}, call("end")))


def asked(company: Company) -> Run:
    """It waits for somebody who operates the project's runs."""
    task = {"kind": "human_task", "key": "agree", "task": "approve", "title": "May the letter go out?"}
    heeding = call("end", inputs={"text": "agree"})
    return driven(company, workflow({**task, "inputs": {"letter": "$letter"}, "next": "end"}, heeding))


def unable(company: Company) -> Run:
    """No worker that runs has the code that was released."""
    return waiting_for(company, Run.WaitsFor.WORKER)


def cancelled(company: Company) -> Run:
    """An operator has ended it."""
    return cancel_run(queued(company), actor=company.operator, reason="sent twice")


def quarantined(company: Company) -> Run:
    """Worker after worker stopped while it executed it."""
    run = queued(company)
    for _ in range(MOST_RECOVERIES + 1):
        taken(run, worker="dead")
        expire(run)
        sweep()
    return Run.objects.get(pk=run.pk)


STANDING = (
    queued,
    running,
    timed,
    put_off,
    limited,
    in_parts,
    paused,
    unsure,
    being_undone,
    half_undone,
    undone,
    failed,
    done,
    told_later,
    asked,
    unable,
    cancelled,
    quarantined,
)
