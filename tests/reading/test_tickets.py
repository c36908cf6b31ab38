"""A content is opened by a ticket that was committed before: nothing takes it back, and nobody lends it."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from governance.errors import NotAllowed
from governance.ledger.models import Event
from governance.web.history import history
from runs.artifacts.models import Artifact
from runs.reading.abouts import about_step
from runs.reading.models import Opened, Ticket
from runs.reading.reading import Reading, begin
from runs.reading.services import About, open_search, open_ticket, read, read_searched
from runs.records.models import Run
from runs.replay.verify import verify_run
from tests.factories.cast import Company
from tests.factories.runs import LETTER, chain, finish, released
from tests.factories.runs import begin as started
from tests.harness.fresh import FreshDatabase


@pytest.fixture
def run(northwind: Company) -> Run:
    """A run that has ended."""
    return finish(started(northwind, released(northwind, chain(1))))


def letter_of(run: Run) -> Artifact:
    """What it was given."""
    return run.inputs.get().artifact


def opening(run: Run, company: Company, *, session: str = "session") -> Reading:
    """The auditor opens the letter."""
    wanted = [letter_of(run).pk]
    about = About("run", run.pk, run)
    return begin(about, actor=company.auditor, session_key=session, purpose="a test", contents=wanted)


def kinds() -> list[str]:
    """Of the readings in the ledger, in their order."""
    return list(
        Event.objects.filter(kind__startswith="content.").order_by("id").values_list("kind", flat=True)
    )


def test_a_content_is_opened_once_it_is_told_who_opens_it(run: Run, northwind: Company) -> None:
    reading = opening(run, northwind)

    assert reading.bytes_of(letter_of(run)) == LETTER.encode()
    [ticket] = Ticket.objects.all()
    assert (ticket.actor, ticket.actor_name, ticket.run) == (northwind.auditor, northwind.auditor.name, run)
    assert (ticket.organisation, ticket.project) == (northwind.organisation, northwind.project)
    assert [opened.artifact for opened in ticket.opened.all()] == [letter_of(run)]
    event = Event.objects.get(pk=ticket.event)
    assert (event.kind, event.run, event.project) == ("content.opened", run.pk, northwind.project.pk)
    assert event.details == {"contents": 1, "digest": ticket.digest, "purpose": "a test"}


def test_the_session_is_kept_as_a_keyed_digest_alone(run: Run, northwind: Company) -> None:
    ticket = opening(run, northwind, session="the session's own key").ticket

    assert len(bytes(ticket.session)) == 32
    assert b"session" not in bytes(ticket.session)


def test_nobody_reads_and_takes_the_entry_back(fresh_database: FreshDatabase, northwind: Company) -> None:
    """Not by rolling back, and not by a savepoint: inside a transaction no ticket is given."""
    run = finish(started(northwind, released(northwind, chain(1))))

    with transaction.atomic():
        with pytest.raises(RuntimeError, match="durable"):
            opening(run, northwind)
        with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
            opening(run, northwind)
        with pytest.raises(RuntimeError, match="durable"):
            open_search("Dear bank", actor=northwind.auditor)
    assert not Ticket.objects.exists()


def test_the_entry_stands_whatever_happens_to_the_reader(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    run = finish(started(northwind, released(northwind, chain(1))))
    reading = opening(run, northwind)
    reading.bytes_of(letter_of(run))
    connection.close()

    with fresh_database.connect() as other:
        assert other.execute("SELECT count(*) FROM runs_reading").fetchone() == (1,)
        found = other.execute("SELECT count(*) FROM ledger_event WHERE kind = 'content.opened'").fetchone()
        assert found == (1,)


def test_a_ticket_opens_nothing_for_somebody_else(run: Run, northwind: Company) -> None:
    ticket = opening(run, northwind).ticket

    with pytest.raises(NotAllowed, match="somebody else's"):
        read(ticket, letter_of(run), actor=northwind.operator, session="session")
    refusal = Event.objects.get(kind="content.refused")
    assert (refusal.actor, refusal.object_id) == (northwind.operator.pk, ticket.pk)
    assert refusal.details == {"reason": "the ticket is somebody else's"}


def test_nor_in_another_session(run: Run, northwind: Company) -> None:
    ticket = opening(run, northwind).ticket

    with pytest.raises(NotAllowed, match="another session"):
        read(ticket, letter_of(run), actor=northwind.auditor, session="another")
    assert kinds() == ["content.opened", "content.refused"]


def test_nor_after_five_minutes(run: Run, northwind: Company) -> None:
    ticket = opening(run, northwind).ticket
    ticket.at = timezone.now() - timedelta(minutes=5, seconds=1)

    with pytest.raises(NotAllowed, match="expired"):
        read(ticket, letter_of(run), actor=northwind.auditor, session="session")
    assert kinds() == ["content.opened", "content.refused"]


def test_nor_what_it_was_not_given_for(run: Run, northwind: Company) -> None:
    reading = opening(run, northwind)
    assert run.output is not None

    with pytest.raises(NotAllowed, match="not given for it"):
        reading.bytes_of(run.output)
    again = Ticket.objects.get(pk=reading.ticket.pk)
    with pytest.raises(NotAllowed, match="not given for it"):
        read(again, run.output, actor=northwind.auditor, session="session")
    assert read(again, letter_of(run), actor=northwind.auditor, session="session") == LETTER.encode()


def test_a_search_tells_a_keyed_digest_of_the_words_and_never_the_words(run: Run, northwind: Company) -> None:
    words = "you charged my card twice"
    first, second = (open_search(words, actor=northwind.auditor) for _ in range(2))

    assert read_searched(first, letter_of(run), actor=northwind.auditor) == LETTER.encode()
    told = [Event.objects.get(pk=ticket.event) for ticket in (first, second)]
    assert told[0].details["asked"] == told[1].details["asked"]
    assert not any(b"charged" in bytes(event.record) for event in told)
    with pytest.raises(NotAllowed, match="somebody else's"):
        read_searched(first, letter_of(run), actor=northwind.operator)


def test_the_digest_is_of_what_was_opened_whatever_the_order(run: Run, northwind: Company) -> None:
    assert run.output is not None
    both = [letter_of(run).pk, run.output.pk]
    tickets = [
        open_ticket(
            About("run", run.pk, run), actor=northwind.auditor, session="", kind=Ticket.Kind.OPENED,
            purpose="a test", contents=contents,
        )
        for contents in (both, both[::-1], [*both, both[0]])
    ]  # fmt: skip

    assert len({ticket.digest for ticket in tickets}) == 1
    assert {ticket.contents for ticket in tickets} == {2}
    assert Opened.objects.count() == 6


def test_the_log_is_seen_within_reach(run: Run, northwind: Company, rival: Company) -> None:
    opening(run, northwind)
    open_search("anything", actor=northwind.stranger)

    def seen(person: str, company: Company = northwind) -> list[str]:
        found = Ticket.objects.visible_to(company.person(person)).order_by("id")
        return list(found.values_list("kind", flat=True))

    assert seen("author") == ["opened"]
    assert seen("owner") == ["opened", "searched"]
    assert seen("stranger") == ["searched"]
    assert seen("owner", rival) == []


def test_the_readings_of_a_run_are_those_of_its_contents_wherever_they_were_opened(
    run: Run, northwind: Company
) -> None:
    other = finish(started(northwind, run.release))
    opening(other, northwind)

    auditor = northwind.auditor
    assert Ticket.objects.of_run(run.pk, actor=auditor).count() == 1  # the same letter
    assert Ticket.objects.of_content(letter_of(run).pk).count() == 1
    assert Ticket.objects.of_run(run.pk, actor=northwind.stranger).count() == 0


def test_who_looks_changes_nothing_of_what_is_told_of_the_run_and_its_steps(
    run: Run, northwind: Company
) -> None:
    step = run.steps.get()
    before = list(Event.objects.of_run(run.pk)), history(("step", step.pk), actor=northwind.owner)

    begin(
        about_step(step), actor=northwind.auditor, session_key="", purpose="a test",
        contents=[letter_of(run).pk],
    )  # fmt: skip

    after = list(Event.objects.of_run(run.pk)), history(("step", step.pk), actor=northwind.owner)
    assert after == before
    assert Event.objects.filter(run=run.pk, kind="content.opened").count() == 1
    assert verify_run(run, actor=northwind.auditor).holds
