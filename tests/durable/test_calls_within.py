"""HTTP calls and expressions within maps, and as compensations."""

import hashlib
import json
from typing import Any

import pytest

from runs.artifacts.opening import bytes_of
from runs.durable import room
from runs.durable.drive import drive
from runs.durable.sweep import sweep
from runs.records.models import Run
from tests.factories.cast import Company
from tests.factories.limits import limit
from tests.factories.runs import begin, finish, released
from tests.providers.serving import Calling


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    """What another test's database held is not known."""
    room.forget()


def mapped(each: dict[str, Any]) -> dict[str, Any]:
    """A workflow that makes the call for each item of the letter, two at a time."""
    node = {"kind": "map", "key": "all", "over": "$letter", "each": each, "at_once": 2}
    inputs = [{"name": "letter", "media_type": "application/json"}]
    return {"inputs": inputs, "nodes": [node], "start": "all", "output": "all"}


def through(run: Run) -> Run:
    """The run, driven with its parts until nothing moves any more."""
    for _ in range(60):
        for each in Run.objects.filter(state__in=["queued", "ready"]):
            drive(each.pk, worker="test")
        Run.objects.filter(state="waiting", waits_for="limit").update(wake_at="2026-01-01T00:00:00Z")
        sweep()
        if Run.objects.get(pk=run.pk).finished_at:
            break
    return Run.objects.get(pk=run.pk)


def test_each_item_is_called_for_with_a_key_of_its_own(northwind: Company, calling: Calling) -> None:
    call = {"kind": "http", "endpoint": "bank", "path": "/accounts/{number}", "inputs": {"number": "@item"}}
    release = released(northwind, mapped(call))

    run = through(begin(northwind, release, json.dumps(list(range(5)))))

    assert run.state == Run.State.SUCCEEDED, run.error
    asked = calling.asked()
    assert sorted(each["path"] for each in asked) == [f"/well/accounts/{number}" for number in range(5)]
    assert len({each["headers"]["Idempotency-Key"] for each in asked}) == 5
    assert run.output is not None
    assert json.loads(bytes_of(run.output)) == [{"balance": 12.5, "iban": "DE02"}] * 5


def test_items_share_the_limits_of_their_organisation(northwind: Company, calling: Calling) -> None:
    limit(northwind, at_once=1, per_minute=None)
    call = {"kind": "http", "endpoint": "bank", "inputs": {"number": "@item"}}

    run = through(begin(northwind, released(northwind, mapped(call)), json.dumps(list(range(5)))))

    assert run.state == Run.State.SUCCEEDED, run.error
    assert len(calling.asked()) == 5


def test_an_expression_is_computed_for_each_item(northwind: Company) -> None:
    call = {"kind": "transform", "expression": "join('-', [n, to_string(i)])"}
    reads = {"inputs": {"n": "@item.name", "i": "@index"}}
    letter = json.dumps([{"name": "a"}, {"name": "b"}, {"name": "c"}])

    run = through(begin(northwind, released(northwind, mapped({**call, **reads})), letter))

    assert run.output is not None, run.error
    assert json.loads(bytes_of(run.output)) == ["a-0", "b-1", "c-2"]


def test_what_was_called_is_undone_by_a_call_with_a_key_of_its_own(
    northwind: Company, calling: Calling
) -> None:
    undo: dict[str, Any] = {
        "kind": "http",
        "endpoint": "bank",
        "method": "DELETE",
        "path": "/bookings/{iban}",
    }
    undo |= {"inputs": {"iban": "book.iban"}, "effect": "idempotent"}
    book = {"kind": "http", "key": "book", "endpoint": "bank", "method": "POST", "inputs": {"to": "$letter"}}
    fails = {"kind": "function", "key": "fails", "function": "returns@1", "settings": {"what": "raise"}}
    content = {
        "inputs": [{"name": "letter"}],
        "nodes": [
            {**book, "compensate": undo, "next": "fails"},
            {**fails, "inputs": {"text": "$letter"}},
        ],
        "start": "book",
        "output": "fails",
    }

    run = finish(begin(northwind, released(northwind, content)))

    assert run.state == Run.State.COMPENSATED, run.error
    booked, undone = calling.asked()
    assert (undone["method"], undone["path"]) == ("DELETE", "/well/bookings/DE02")
    keys = [hashlib.sha256(f"{run.pk}:book:{step}".encode()).hexdigest() for step in ("0", "undo 0")]
    assert [booked["headers"]["Idempotency-Key"], undone["headers"]["Idempotency-Key"]] == keys
