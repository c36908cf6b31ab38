"""What protects the ledger is recorded, and told when it was taken away and put back."""

from pathlib import Path

import pytest
from django.db import connections
from django.db.backends.utils import CursorWrapper

from governance.ledger.kinds import Kind
from governance.ledger.models import Event
from governance.proof.catalogue import Catalogue, differences
from governance.proof.keeping import Keeper
from governance.proof.sequencing import sequence
from governance.proof.verifying.whole import verify_all
from portal.database.grants import apply_grants
from tests.factories.cast import Company
from tests.factories.logs import signer
from tests.harness.fresh import FreshDatabase
from tests.harness.keepers_role import as_keeper, set_apart
from tests.proof.growing import tell

AWAY = "DROP TRIGGER refuse_change ON ledger_event"
ALWAYS = "ALTER TABLE ledger_event ENABLE ALWAYS TRIGGER refuse_change"
OFF_AND_ON = f"ALTER TABLE ledger_event DISABLE TRIGGER refuse_change; {ALWAYS}"


def told() -> list[Event]:
    return [*Event.objects.filter(kind=Kind.CATALOGUE_CHANGED).order_by("id")]


def codes() -> list[str]:
    return [found.code for found in differences()]


def test_a_trigger_that_was_dropped_and_restored_is_told_though_its_definition_is_the_same(
    fresh_database: FreshDatabase,
) -> None:
    looking = Catalogue()
    assert looking.look()
    assert not looking.look()
    assert codes() == []
    with fresh_database.connect("owner") as owner:
        (definition,) = owner.execute(
            "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgname = 'refuse_change'"
            " AND tgrelid = 'ledger_event'::regclass"
        ).fetchone() or ("",)
        owner.execute(AWAY)
        owner.execute(definition)
        owner.execute(ALWAYS)

    assert codes() == ["catalogue_identity"]
    assert looking.look()
    first, second = told()
    assert second.details["definitions"] == first.details["definitions"]
    assert second.details["identity"] != first.details["identity"]
    assert second.details["changed"] == ["trigger refuse_change of ledger_event"]
    assert codes() == ["catalogue_replaced"]


def test_another_definition_is_told_as_such(fresh_database: FreshDatabase) -> None:
    Catalogue().look()
    with fresh_database.connect("owner") as owner:
        owner.execute(AWAY)

    assert codes() == ["catalogue_definitions"]
    assert Catalogue().look()  # by a keeper that was started anew: it knows no names
    assert told()[-1].details["changed"] is None
    assert codes() == []
    assert told()[-1].details["definitions"] != told()[0].details["definitions"]


def test_a_migration_names_itself(fresh_database: FreshDatabase) -> None:
    Catalogue().look()
    with fresh_database.connect("owner") as owner:
        owner.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('runs', '9999_tried', now())"
        )
        owner.execute(OFF_AND_ON)
    Catalogue().look()

    assert told()[-1].details["migrations"] == ["runs.9999_tried"]
    assert codes() == []


def test_privileges_that_are_given_again_change_nothing(fresh_database: FreshDatabase) -> None:
    role = connections.settings["default"]["USER"]
    apply_grants(alias="owner", role=role)
    looking = Catalogue()
    looking.look()
    apply_grants(alias="owner", role=role)

    assert not looking.look()
    assert len(told()) == 1


def test_the_keeper_records_it_before_it_signs_and_verification_shows_it(
    fresh_database: FreshDatabase, northwind: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("governance.proof.keeping.LOOK_SECONDS", 0.0)
    set_apart(fresh_database)
    with as_keeper(), signer(tmp_path) as found:
        keeper = Keeper(found, checkpoint_seconds=60)
        keeper.start()
        keeper.attest(wanted=True)
        with fresh_database.connect("owner") as owner:
            owner.execute(OFF_AND_ON)
        assert [each.code for each in verify_all().notices] == ["catalogue_identity"]
        keeper.attest(wanted=True)

    assert len(told()) == 2
    report = verify_all()
    assert report.holds
    assert [each.code for each in report.notices] == ["catalogue_replaced"]


def test_where_nothing_came_a_look_is_one_statement(
    fresh_database: FreshDatabase, northwind: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    sequence()
    asked: list[str] = []
    plain = CursorWrapper.execute

    def counted(self: CursorWrapper, words: str, *given: object) -> object:
        asked.append(words)
        return plain(self, words, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(CursorWrapper, "execute", counted)
    assert sequence() == 0
    assert len(asked) == 1
    asked.clear()
    tell(northwind)
    assert sequence() == 1


def test_a_keeper_looks_less_often_while_nothing_comes(
    fresh_database: FreshDatabase, northwind: Company, tmp_path: Path
) -> None:
    with signer(tmp_path) as found:
        keeper = Keeper(found, checkpoint_seconds=60)
        keeper.start()
        paces = []
        for _ in range(8):
            keeper.sequence()
            paces.append(keeper.pace)
        assert paces == sorted(paces)
        assert paces[-1] == 1.0
        tell(northwind)
        keeper.sequence()
        assert keeper.pace < paces[0]
