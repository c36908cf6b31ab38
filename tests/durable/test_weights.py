"""Organisations that weigh more than others are executed in proportion, where both want the workers."""

import random
from collections import Counter, deque
from io import StringIO
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, transaction

from governance.accounts.models import User
from governance.errors import Invalid, NotAllowed
from governance.ledger.models import Event
from runs.durable.claim import claim_next
from runs.durable.weights import set_weight
from runs.records.models import Run
from runs.records.weights import Weight
from tests.factories.cast import Company
from tests.factories.runs import begin, chain, released


def waiting(*companies: Company, each: int) -> None:
    """So many runs of each organisation wait."""
    for company in companies:
        release = released(company, chain(1))
        for number in range(each):
            begin(company, release, f"letter {number}")


def weigh(company: Company, weight: int) -> Weight:
    """The organisation weighs so much."""
    return set_weight(company.organisation, actor=User.objects.system("set-up"), weight=weight)


def begun(count: int, *, slots: int) -> Counter[object]:
    """Whose runs begin, when so many are executed at once and each takes as long as the others."""
    held: deque[UUID] = deque()
    found: Counter[object] = Counter()
    for _ in range(count):
        if len(held) == slots:
            Run.objects.filter(pk=held.popleft()).update(state="failed", lease_until=None)
        [taken] = claim_next(worker="w", pool="io")
        held.append(taken.run)
        found[taken.organisation] += 1
    return found


@pytest.mark.parametrize("slots", [4, 8])
def test_three_begin_for_one_where_one_weighs_three_times_as_much(
    northwind: Company, rival: Company, slots: int
) -> None:
    weigh(northwind, 3)
    waiting(northwind, rival, each=24)

    assert begun(slots, slots=slots) == {
        northwind.organisation.pk: slots * 3 // 4, rival.organisation.pk: slots // 4,
    }  # fmt: skip


@pytest.mark.parametrize("slots", [1, 2, 3, 5])
def test_the_proportion_holds_however_few_are_executed_at_once(
    northwind: Company, rival: Company, slots: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    lots = random.Random(7)  # noqa: S311 - a lot
    monkeypatch.setattr("runs.durable.claim.random", lots)
    weigh(northwind, 3)
    waiting(northwind, rival, each=120)

    found = begun(120, slots=slots)

    # Northwind is due 90; by the lot alone a fifth of the others' would be four standard deviations away.
    assert 72 <= found[northwind.organisation.pk] <= 108, found


def test_a_weight_keeps_nobody_from_what_is_free(northwind: Company, rival: Company) -> None:
    weigh(northwind, 1000)
    waiting(rival, each=4)

    assert begun(4, slots=9) == {rival.organisation.pk: 4}


def test_without_weights_whoever_has_fewer_executed_is_next(northwind: Company, rival: Company) -> None:
    waiting(northwind, rival, each=6)

    assert begun(6, slots=9) == {northwind.organisation.pk: 3, rival.organisation.pk: 3}


def test_setting_a_weight_is_recorded_and_changes_it_in_place(northwind: Company) -> None:
    weigh(northwind, 3)
    assert weigh(northwind, 5).weight == Weight.objects.get().weight == 5

    events = Event.objects.about("organisation", northwind.organisation.pk).filter(kind="weight.set")
    assert [event.details for event in events.order_by("id")] == [{"weight": 3}, {"weight": 5}]


def test_no_organisation_sets_any_not_even_its_own(northwind: Company, rival: Company) -> None:
    for person in (northwind.owner, northwind.operator, rival.owner):
        with pytest.raises(NotAllowed, match="on its command line"):
            set_weight(northwind.organisation, actor=person, weight=9)
    assert not Weight.objects.exists()


def test_the_installation_sets_it_at_its_command_line(northwind: Company) -> None:
    said = StringIO()
    call_command("set_weight", "northwind", "3", stdout=said)

    assert Weight.objects.get().organisation == northwind.organisation
    assert said.getvalue() == f"From now on {northwind.organisation} weighs 3.\n"
    event = Event.objects.about("organisation", northwind.organisation.pk).get(kind="weight.set")
    assert event.actor == User.objects.system("set-up").pk
    for asked, words in (
        (("northwind", "0"), "from 1 to 1,000"),
        (("nobody", "2"), "no organisation nobody"),
    ):
        with pytest.raises(CommandError, match=words):
            call_command("set_weight", *asked)
    assert Weight.objects.get().weight == 3


@pytest.mark.parametrize("weight", [0, -1, 1001])
def test_a_weight_of_nothing_or_beyond_all_bounds_is_refused(northwind: Company, weight: int) -> None:
    with pytest.raises(Invalid, match="from 1 to 1,000"):
        weigh(northwind, weight)
    with pytest.raises((IntegrityError, DatabaseError)), transaction.atomic():
        Weight.objects.create(organisation=northwind.organisation, weight=weight)


def test_whose_weight_it_is_stays(northwind: Company, rival: Company) -> None:
    weigh(northwind, 3)

    refused = pytest.raises(DatabaseError, match="stays")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE runs_weight SET organisation_id = %s", [rival.organisation.pk])
