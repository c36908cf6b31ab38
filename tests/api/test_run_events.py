"""GET /runs/{id}/events/"""

import hashlib

from governance.ledger.models import Event
from tests.api.callers import Caller
from tests.factories.cast import Company
from tests.factories.runs import begin, chain, finish, released


def test_the_events_of_a_run_stand_in_the_order_in_which_they_were_recorded(
    northwind: Company, auditor: Caller
) -> None:
    run = finish(begin(northwind, released(northwind, chain(2))))
    answer = auditor.get(f"runs/{run.pk}/events/", page_size=3)
    found = answer.json()["results"] + auditor.get(answer.json()["next"]).json()["results"]
    kinds = [event["kind"] for event in found]
    assert (kinds[0], kinds[1], kinds[-1]) == ("run.started", "run.claimed", "run.succeeded")
    assert kinds.count("step.succeeded") == 2
    assert found[0]["actor_name"] == "Otto Operator"
    assert found[0]["details"]["origin"] == "page"


def test_the_leaf_is_the_hash_of_the_record(northwind: Company, auditor: Caller) -> None:
    run = begin(northwind, released(northwind, chain(1)))
    [found] = auditor.get(f"runs/{run.pk}/events/").json()["results"]
    record = bytes(Event.objects.get(pk=found["id"]).record)
    assert found["leaf"] == hashlib.sha256(b"\x00" + record).hexdigest()
