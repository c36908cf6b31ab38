"""The same message many times at once, and messages while the webhook changes."""

from collections import Counter
from typing import Any

from governance.ledger.acting import acting
from governance.ledger.models import Event
from runs.records.models import Run
from runs.webhooks.models import Delivery, Refusal
from runs.webhooks.rotating import rotate_webhook
from tests.factories.cast import Company
from tests.factories.webhooks import Sender, sender
from tests.harness.fresh import FreshDatabase
from tests.visiting import visitor

TIMES = 20


def each_alone(post_room: Sender) -> Sender:
    """The same sender on a connection of its own."""
    return Sender(post_room.webhook, post_room.secret, visitor())


def test_twenty_equal_deliveries_at_once_are_one_run(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    post_room = sender(northwind)

    answers: list[Any] = fresh_database.at_once(*(each_alone(post_room).send for _ in range(TIMES)))

    assert Counter(answer.status_code for answer in answers) == {202: 1, 200: TIMES - 1}
    assert len({answer.json()["run"] for answer in answers}) == 1
    assert Run.objects.count() == Delivery.objects.count() == 1
    assert Event.objects.filter(kind="webhook.delivered").count() == 1
    assert not Refusal.objects.exists()


def test_of_two_bodies_under_one_id_at_once_one_is_taken(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    post_room = sender(northwind)
    bodies = [{"letter": f"Letter {number}"} for number in range(8)]

    answers: list[Any] = fresh_database.at_once(
        *(lambda body=body: each_alone(post_room).send(body) for body in bodies)
    )

    assert Counter(answer.status_code for answer in answers) == {202: 1, 409: len(bodies) - 1}
    assert Run.objects.count() == 1
    assert Refusal.objects.get().count == len(bodies) - 1


def test_different_deliveries_at_once_are_as_many_runs(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    post_room = sender(northwind)

    answers: list[Any] = fresh_database.at_once(
        *(lambda key=f"msg_{number}": each_alone(post_room).send(key=key) for number in range(12))
    )

    assert {answer.status_code for answer in answers} == {202}
    assert Run.objects.count() == 12


def test_a_hindrance_met_by_many_at_once_is_recorded_once(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    post_room = sender(northwind)
    northwind.operator.is_active = False
    with acting(northwind.owner):
        northwind.operator.save(update_fields=["is_active"])

    answers: list[Any] = fresh_database.at_once(
        *(lambda key=f"msg_{number}": each_alone(post_room).send(key=key) for number in range(8))
    )

    assert {answer.status_code for answer in answers} == {503}
    assert Event.objects.filter(kind="webhook.hindered").count() == 1
    assert Refusal.objects.get().count == 8


def test_two_rotations_at_once_leave_one_secret_in_use(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    post_room = sender(northwind)

    found = fresh_database.at_once(
        *(lambda: rotate_webhook(post_room.webhook, actor=northwind.operator) for _ in range(2))
    )

    codes = [post_room.send(key=f"msg_{n}", secret=str(secret)).status_code for n, secret in enumerate(found)]
    assert codes == [202, 202]
    assert post_room.send(key="old").status_code == 401
