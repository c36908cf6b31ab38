"""Every governed model: guarded in the database, read through a person's reach."""

import pytest
from django.apps import apps
from django.apps.registry import Apps
from django.core.management import call_command
from django.db import connections, models

from governance.accounts.models import User
from governance.ledger.immutable import Immutable
from portal.database.grants import DELETABLE, privileges, tables
from portal.database.guards import guards

OURS = [model for model in apps.get_models() if model._meta.app_label in {"governance", "runs"}]

# Rows that no page or API lists by themselves: each is reached through the object that it belongs to.
REACHED_THROUGH_ANOTHER = {
    "governance.user", "governance.team", "governance.grant",
    "governance.apitoken", "governance.refusal", "governance.pin", "governance.exclusion", "governance.vote",
    "governance.projectuserobjectpermission", "governance.projectgroupobjectpermission",
    "governance.assetuserobjectpermission", "governance.assetgroupobjectpermission",
    "governance.sequencing", "governance.position", "governance.tile", "governance.logkey",
    "governance.verification", "governance.thaw", "governance.cosignature",
    "runs.begun", "runs.limit", "runs.price", "runs.weight", "runs.artifact", "runs.artifacttext",
    "runs.opened", "runs.taking", "runs.worker", "runs.sweeperpass", "runs.pace", "runs.casenote",
    "runs.liftasked", "runs.holdlift", "runs.erasurecontent", "runs.walk",
    "runs.recheck",
}  # fmt: skip


@pytest.mark.django_db
def test_every_immutable_model_has_both_triggers_enabled_always() -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, array_agg(t.tgname::text ORDER BY t.tgname) FROM pg_trigger t"
            " JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal AND t.tgenabled = 'A' GROUP BY 1"
        )
        found = dict(cursor.fetchall())

    immutable = {model._meta.db_table for model in OURS if issubclass(model, Immutable)}
    assert [table for table in immutable if not {"refuse_change", "refuse_truncate"} <= {*found[table]}] == []
    assert found == {table: sorted(names) for table, names in guards().items()}


@pytest.mark.django_db
def test_the_privileges_in_the_database_are_the_declared_ones() -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT table_name, array_agg(privilege_type::text) FROM information_schema.role_table_grants"
            " WHERE grantee = current_user AND table_schema = 'public' GROUP BY 1"
        )
        held = {table: set(words) for table, words in cursor.fetchall()}

    assert held == {table: set(words) for table, words in tables().items()}


def test_no_immutable_model_may_be_changed_or_deleted_by_the_application() -> None:
    for model in OURS:
        allowed = set(privileges(model))
        if issubclass(model, Immutable):
            assert allowed <= {"SELECT", "INSERT"}, model
        if model._meta.label_lower not in DELETABLE:
            assert "DELETE" not in allowed, model


def test_what_nobody_listed_is_not_deleted() -> None:
    """A model that is new, or a list that was forgotten, is on the safe side."""

    class Forgotten(models.Model):
        class Meta:
            app_label = "runs"
            apps = Apps()

        def __str__(self) -> str:
            return "forgotten"

    assert "DELETE" not in privileges(Forgotten)


def test_the_names_of_what_may_be_deleted_are_models() -> None:
    known = {model._meta.label_lower for model in apps.get_models(include_auto_created=True)}
    assert known >= DELETABLE


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_a_list_of_private_rows_takes_the_actor(model: type[models.Model]) -> None:
    asked = hasattr(model._default_manager.all(), "visible_to")

    assert asked or model._meta.label_lower in REACHED_THROUGH_ANOTHER


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_nothing_recorded_disappears_with_what_it_names(model: type[models.Model]) -> None:
    """Foreign keys protect; only rows that are rebuilt or belong to a grant go along."""
    cascading = {
        field.name
        for field in model._meta.concrete_fields
        if field.remote_field and getattr(field.remote_field, "on_delete", None) is models.CASCADE
    }
    expected = {"artifact"} if model.__name__ == "ArtifactText" else set()
    if "ObjectPermission" not in model.__name__:
        assert cascading <= expected


def test_the_migrations_hold_every_model() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_superuser_is_nobodys_default() -> None:
    assert User._meta.get_field("is_superuser").default is False
