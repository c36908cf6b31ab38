"""Rows that are only ever inserted: no role gets past the privileges and the triggers."""

from pathlib import Path

import psycopg
import pytest
from django.apps import apps
from django.db import models
from django.utils import timezone

from governance.accounts.models import User
from governance.errors import WrongState
from governance.ledger.immutable import Immutable
from governance.ledger.models import Event
from governance.merkle.tiles import TILE_WIDTH
from governance.proof.findings import Finding
from governance.proof.freezing import freeze, thaw
from governance.proof.models import Freeze
from governance.proof.verifying.rolling import Rounds
from tests.factories.cast import Company
from tests.factories.logs import cosign_all, fill, sign_all
from tests.factories.things import make_active
from tests.harness.fresh import FreshDatabase

IMMUTABLE = [model for model in apps.get_models() if issubclass(model, Immutable)]
GOVERNED = [model for model in IMMUTABLE if model._meta.app_label == "governance"]


@pytest.fixture
def stored(fresh_database: FreshDatabase, northwind: Company, tmp_path: Path) -> FreshDatabase:
    """A database in which every immutable table of governance has a row: a row trigger needs one to speak."""
    fill_all(northwind, tmp_path)
    empty = [model.__name__ for model in GOVERNED if not model._default_manager.exists()]
    assert empty == []
    return fresh_database


def test_the_application_may_neither_change_nor_remove_a_row(stored: FreshDatabase) -> None:
    with stored.connect() as application:
        for model in IMMUTABLE:
            for statement in attempts(model):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    application.execute(statement)


def test_not_even_the_owner_of_the_tables_may(stored: FreshDatabase) -> None:
    with stored.connect("owner") as owner:
        for model in GOVERNED:
            for statement in attempts(model):
                with pytest.raises(psycopg.errors.IntegrityConstraintViolation, match="only ever inserted"):
                    owner.execute(statement)


def test_an_upsert_is_refused_like_an_update(stored: FreshDatabase) -> None:
    with stored.connect() as application:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            application.execute(
                "INSERT INTO catalog_pin SELECT * FROM catalog_pin"
                " ON CONFLICT (id) DO UPDATE SET node = 'other'"
            )
        kept = application.execute(
            "INSERT INTO catalog_version SELECT * FROM catalog_version ON CONFLICT (id) DO NOTHING"
        ).rowcount
    assert kept == 0


def test_the_protection_of_an_environment_cannot_be_lifted_for_a_while(stored: FreshDatabase) -> None:
    lift = "UPDATE releases_environment SET protected = false"
    with stored.connect() as application, pytest.raises(psycopg.errors.InsufficientPrivilege):
        application.execute(lift)
    with stored.connect("owner") as owner, pytest.raises(psycopg.errors.IntegrityConstraintViolation):
        owner.execute(lift)


def test_an_event_is_written_through_the_door_alone(stored: FreshDatabase) -> None:
    with stored.connect() as application, pytest.raises(psycopg.errors.InsufficientPrivilege):
        application.execute("INSERT INTO ledger_event SELECT * FROM ledger_event LIMIT 1")


@pytest.mark.parametrize("model", GOVERNED, ids=lambda model: model.__name__)
def test_the_model_itself_refuses_to_save_again_and_to_delete(
    model: type[models.Model], northwind: Company, tmp_path: Path
) -> None:
    fill_all(northwind, tmp_path)
    row = model._default_manager.all()[0]

    with pytest.raises(WrongState, match="cannot be changed"):
        row.save()
    with pytest.raises(WrongState, match="cannot be deleted"):
        row.delete()


def fill_all(company: Company, folder: Path) -> None:
    """A row in each table: a release with all that it needs, and a log that is signed and was looked into."""
    make_active(company)
    fill(company, TILE_WIDTH)
    sign_all(folder)
    cosign_all(timezone.now())
    Rounds().go()
    freeze(Finding("tried", "Something was found."), actor=User.objects.system("keeper"))
    thaw(Freeze.objects.get(), actor=company.owner, reason="Tried.")


def attempts(model: type[models.Model]) -> list[str]:
    """The three ways to make a stored row say something else."""
    table, key = model._meta.db_table, model._meta.pk.column
    truncate = f"TRUNCATE {table} CASCADE"
    return [f"UPDATE {table} SET {key} = {key}", f"DELETE FROM {table}", truncate]  # noqa: S608 - names of ours


def test_the_list_is_not_empty() -> None:
    assert Event in GOVERNED
    assert len(IMMUTABLE) > len(GOVERNED)
