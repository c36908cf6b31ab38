"""Stored contents are read round by round, and what was altered is found though nobody opens it."""

from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from governance.ledger.models import Event
from runs.artifacts.models import Artifact
from runs.artifacts.opening import looked_at
from runs.artifacts.rechecking import Damage, Recheck
from runs.durable.actors import sweeper
from runs.durable.rechecks import SURE_AFTER_SECONDS, Missing, RecheckPass, recheck
from runs.records.models import Run
from tests.factories.cast import Company
from tests.factories.runs import LONG_LETTER, begin, chain, finish, released
from tests.harness.fresh import FreshDatabase
from tests.visiting import visitor


def ran(company: Company, letter: str = "Dear bank.") -> Run:
    """A run of one step."""
    return finish(begin(company, released(company, chain(1)), letter))


def page(client: Client, name: str, *args: object) -> str:
    """What the page says."""
    answer = client.get(reverse(name, args=args))
    assert answer.status_code == 200
    return str(answer.content.decode())


def whole_round(most: int = 200, missing: Missing | None = None) -> list[Damage]:
    """Until the first content comes next."""
    missing = missing or Missing()
    found = recheck(most, actor=sweeper(), missing=missing)
    while Recheck.objects.get().after is not None:
        found += recheck(most, actor=sweeper(), missing=missing)
    return found


def an_hour_later() -> list[Damage]:
    """What two rounds found, the second an hour after the first."""
    now = [0.0]
    missing = Missing(clock=lambda: now[0])
    found = whole_round(missing=missing)
    now[0] += SURE_AFTER_SECONDS
    return found + whole_round(missing=missing)


def test_a_byte_flipped_in_a_row_is_found_told_and_shown(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    run, other = ran(northwind), ran(northwind, "Another letter.")
    letter = run.inputs.get().artifact
    assert whole_round() == []
    with fresh_database.connect("owner") as owner:
        owner.execute("ALTER TABLE runs_artifact DISABLE TRIGGER refuse_change")
        owner.execute("UPDATE runs_artifact SET body = %s WHERE id = %s", [b"Dear bonk.", letter.pk])
        owner.execute("ALTER TABLE runs_artifact ENABLE ALWAYS TRIGGER refuse_change")

    [found] = whole_round(most=2)
    assert (found.artifact, found.organisation) == (letter, northwind.organisation)
    assert found.found_sha256 not in {"", letter.sha256}
    event = Event.objects.get(pk=found.event)
    assert (event.kind, event.object_id, event.actor_name) == ("content.damaged", letter.pk, "Sweeper")
    assert event.details == {"found": "altered", "now": found.found_sha256, "sha256": letter.sha256}
    assert whole_round() == []  # it is told once
    client = visitor(northwind.operator)
    assert "no longer has the digest that was recorded" in page(client, "runs:run", run.pk)
    assert "no longer has the digest that was recorded" not in page(client, "runs:run", other.pk)
    assert "altered: its digest was" in page(client, "runs:workers")


def test_so_is_one_in_a_file_and_one_that_is_gone(store: Path, northwind: Company) -> None:
    run = ran(northwind, LONG_LETTER)
    letter, output = run.inputs.get().artifact, run.steps.get().output
    assert output is not None
    path = store / letter.place
    path.write_bytes(b"E" + path.read_bytes()[1:])
    (store / output.place).unlink()

    found = {damage.artifact_id: damage.found_sha256 for damage in an_hour_later()}
    assert found.keys() == {letter.pk, output.pk}
    assert found[output.pk] == ""
    assert found[letter.pk] != letter.sha256
    said = page(visitor(northwind.auditor), "runs:run", run.pk)
    assert "no longer has the digest" in said
    assert "is not stored any more" in said


def test_other_organisations_are_told_nothing_of_it(store: Path, northwind: Company, rival: Company) -> None:
    run = ran(northwind, LONG_LETTER)
    (store / run.inputs.get().artifact.place).unlink()
    an_hour_later()

    assert Damage.objects.visible_to(northwind.auditor).exists()
    assert not Damage.objects.visible_to(rival.owner).exists()
    assert "gone" not in page(visitor(rival.owner), "runs:workers")


@pytest.mark.parametrize("most", [1, 2, 3, 200])
def test_a_round_looks_at_every_content_once(northwind: Company, most: int) -> None:
    for letter in ("One.", "Two.", "Three."):
        ran(northwind, letter)
    contents = Artifact.objects.count()

    whole_round(most)
    assert Recheck.objects.get().whole == contents
    whole_round(most)
    assert Recheck.objects.get().whole == contents
    assert f"{contents} contents" in page(visitor(northwind.operator), "runs:workers")


def test_no_more_bytes_are_read_at_once_than_asked_for_but_one_content_always(
    store: Path, northwind: Company
) -> None:
    ran(northwind, LONG_LETTER)
    assert len(looked_at(None, most=200, most_bytes=1)) == 1
    assert len(looked_at(None, most=200, most_bytes=10_000_000)) == Artifact.objects.count()


def test_a_store_that_is_away_is_no_damage_and_is_looked_at_again(store: Path, northwind: Company) -> None:
    ran(northwind, LONG_LETTER)
    aside = store.rename(store.with_name(f"{store.name}-aside"))
    store.write_text("No folder.")
    RecheckPass()()
    assert not Recheck.objects.filter(at__isnull=False).exists()

    store.unlink()
    aside.rename(store)
    assert an_hour_later() == []


def test_what_is_missing_once_or_with_all_others_is_no_damage(store: Path, northwind: Company) -> None:
    letter = ran(northwind, LONG_LETTER).inputs.get().artifact
    path, now = store / letter.place, [0.0]
    missing = Missing(clock=lambda: now[0])
    aside = path.rename(store / "aside")
    assert whole_round(missing=missing) == whole_round(missing=missing) == []
    aside.rename(path)
    now[0] += SURE_AFTER_SECONDS
    assert whole_round(missing=missing) == []

    store.rename(store.with_name(f"{store.name}-aside"))
    store.mkdir()
    assert an_hour_later() == []


def test_a_content_that_the_store_alone_does_not_give_is_stepped_over(
    store: Path, northwind: Company
) -> None:
    letter = ran(northwind, LONG_LETTER).inputs.get().artifact
    path = store / letter.place
    path.unlink()
    path.mkdir()  # it is there, and cannot be read
    assert an_hour_later() == []
    assert Recheck.objects.get().whole == Artifact.objects.count()


def test_the_sweeper_looks_when_it_is_time(northwind: Company) -> None:
    ran(northwind)
    now = [0.0]
    look = RecheckPass(clock=lambda: now[0])
    look()
    first = Recheck.objects.get()
    assert first.looked == Artifact.objects.count()
    look()
    assert Recheck.objects.get().at == first.at
    now[0] = 60.0
    look()
    assert Recheck.objects.get().after is None

    Recheck.objects.update(at=None)
    call_command("sweep", verbosity=0)
    assert Recheck.objects.get().at is not None
