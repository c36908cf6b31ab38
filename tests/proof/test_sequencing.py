"""Every committed event gets one position, whatever its transaction did and however long others take."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.db import transaction

from governance.ledger.models import Event
from governance.merkle.tiles import root
from governance.merkle.tree import root_of
from governance.proof.models import Position, Sequencing, Tile
from governance.proof.querysets import INSTALLATION
from governance.proof.sequencing import Sequencer, sequence
from governance.proof.sizes import size_of, sizes
from governance.proof.stored_tiles import StoredTiles, frontier_of
from tests.factories.cast import Company
from tests.harness.fresh import FreshDatabase
from tests.proof.growing import tell, tell_on


@pytest.fixture
def sequenced(fresh_database: FreshDatabase) -> FreshDatabase:
    """What the cast did has its positions."""
    assert sequence() == Event.objects.count()
    return fresh_database


@contextmanager
def under_way(database: FreshDatabase) -> Iterator[psycopg.Connection]:
    """A transaction of the application's that is open until it is committed or the block ends."""
    with database.connect() as other:
        other.autocommit = False
        yield other
        other.rollback()


def test_what_was_there_before_is_a_backlog_by_organisation(
    sequenced: FreshDatabase, northwind: Company
) -> None:
    told = Event.objects.values_list("organisation", flat=True)
    assert set(sizes()) == {organisation or INSTALLATION for organisation in told}
    for log, size in sizes().items():
        found = Position.objects.filter(log=log).order_by("position")
        assert [*found.values_list("position", flat=True)] == list(range(size))
    assert Position.objects.count() == Event.objects.count()
    assert (
        size_of(northwind.organisation.pk)
        == Event.objects.filter(organisation=northwind.organisation.pk).count()
    )
    assert sequence() == 0


def test_a_slow_transaction_is_neither_lost_nor_waited_for(
    sequenced: FreshDatabase, northwind: Company
) -> None:
    with under_way(sequenced) as slow:
        tell_on(slow, northwind, 3)
        tell(northwind, 10)
        assert (sequence(), sequence()) == (10, 0)
        slow.execute("SAVEPOINT kept")
        tell_on(slow, northwind, 2)
        slow.execute("SAVEPOINT gone")
        tell_on(slow, northwind, 4)
        slow.execute("ROLLBACK TO SAVEPOINT gone")
        tell(northwind, 1)
        assert sequence() == 1
        slow.commit()

    assert (sequence(), sequence()) == (5, 0)


def test_what_is_rolled_back_never_was(sequenced: FreshDatabase, northwind: Company) -> None:
    with under_way(sequenced) as other:
        tell_on(other, northwind, 4)
        sequence()
        other.rollback()
    tell(northwind, 1)

    assert (sequence(), sequence()) == (1, 0)


def test_a_long_writer_elsewhere_holds_nothing_up(sequenced: FreshDatabase, northwind: Company) -> None:
    with under_way(sequenced) as other:
        other.execute("SELECT pg_current_xact_id()")
        for _ in range(3):
            tell(northwind, 5)
            assert (sequence(), sequence()) == (5, 0)


def test_batches_of_what_has_its_position_already_are_no_end(
    sequenced: FreshDatabase, northwind: Company
) -> None:
    """After a restore into another cluster."""
    tell(northwind, 60)
    sequence()
    with sequenced.connect("owner") as owner:
        owner.execute("UPDATE ledger_sequencing SET cluster = 'another'")
    tell(northwind, 5)

    few = Sequencer(most=20)
    assert (few.drain(), few.drain(), few.drain()) == (0, 5, 0)


def test_a_full_batch_moves_the_cursor_and_not_the_mark(sequenced: FreshDatabase, northwind: Company) -> None:
    with under_way(sequenced) as slow:
        tell_on(slow, northwind, 30)
        tell(northwind, 50)
        few = Sequencer(most=20)
        assert [few.step() for _ in range(2)] == [20, 20]
        slow.commit()  # while a backlog is worked off: the cursor has passed its transaction
        tell(northwind, 1)
        assert few.drain() == 41

    assert sequence() == 0
    assert Position.objects.count() == Event.objects.count()


def test_of_two_sequencers_one_does_nothing(sequenced: FreshDatabase, northwind: Company) -> None:
    tell(northwind, 100)
    with under_way(sequenced) as other:
        assert other.execute("SELECT cardinality(leaves) FROM ledger_sequence(1000)").fetchone() == (100,)
        assert sequence() == 0
        other.rollback()

    assert sequence() == 100


def test_many_at_once_sequence_each_event_once(sequenced: FreshDatabase, northwind: Company) -> None:
    def work() -> int:
        own = Sequencer(most=7)
        return sum(own.drain() for event in range(30) if tell(northwind))

    found = sequenced.at_once(work, work, work)
    left = sequence()

    assert [problem for problem in found if isinstance(problem, Exception)] == []
    assert sum(number for number in found if isinstance(number, int)) + left == 90
    assert Position.objects.count() == Event.objects.count()


def test_a_cluster_that_is_another_is_looked_through_anew(
    sequenced: FreshDatabase, northwind: Company
) -> None:
    """A dump's transaction numbers mean nothing, or other transactions, where it is restored."""
    tell(northwind, 3)
    with sequenced.connect("owner") as owner:
        owner.execute("UPDATE ledger_sequencing SET cluster = 'another'")
        owner.execute("ALTER TABLE ledger_event DISABLE TRIGGER refuse_change")
        owner.execute("UPDATE ledger_event SET xid = xid + 1000000000 WHERE kind = 'weight.set'")
    with under_way(sequenced) as slow:
        tell_on(slow, northwind, 2)
        assert (sequence(), sequence()) == (3, 0)
        slow.commit()

    assert (sequence(), sequence()) == (2, 0)


def test_a_database_that_was_set_back_in_its_cluster_goes_on(
    sequenced: FreshDatabase, northwind: Company
) -> None:
    """What `seen` says lies in the future of this cluster's transactions: it is not believed."""
    with sequenced.connect("owner") as owner:
        owner.execute("UPDATE ledger_sequencing SET seen = '900000000000:900000000000:'")
    tell(northwind, 3)

    assert (sequence(), sequence()) == (3, 0)


def test_an_idle_portal_writes_nothing(sequenced: FreshDatabase) -> None:
    before = Sequencing.objects.get().seen
    sequence()

    assert Sequencing.objects.get().seen == before


def test_tiles_are_those_of_the_events(sequenced: FreshDatabase, northwind: Company) -> None:
    log = northwind.organisation.pk
    with sequenced.connect() as other:
        tell_on(other, northwind, 700)
    sequencer = Sequencer(most=300)
    sequencer.drain()
    tell(northwind, 5)
    sequencer.drain()
    size = size_of(log)
    order = Position.objects.filter(log=log).order_by("position").values_list("event", flat=True)
    leaves = dict(Event.objects.values_list("pk", "leaf"))

    for known in (1, 255, 256, 257, 512, size):
        expected = root_of(bytes(leaves[event]) for event in order[:known])
        assert root(StoredTiles(log), known) == expected
        assert frontier_of(log, known).root() == expected
    assert Tile.objects.filter(log=log, level=0).count() == size // 256


def test_positions_without_their_tiles_are_never_committed(
    sequenced: FreshDatabase, northwind: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: object) -> None:
        raise ZeroDivisionError

    tell(northwind, 600)
    sequencer = Sequencer()
    with monkeypatch.context() as patch:
        patch.setattr("governance.proof.sequencing._keep", broken)
        with pytest.raises(ZeroDivisionError):
            sequencer.drain()
    assert Position.objects.count() == Event.objects.count() - 600

    assert sequencer.drain() == 600


def test_sequencing_in_a_transaction_of_somebody_else_is_refused(
    sequenced: FreshDatabase, northwind: Company
) -> None:
    tell(northwind)
    with transaction.atomic(), pytest.raises(RuntimeError):
        sequence()
