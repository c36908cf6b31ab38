"""The named actors of what the system does by itself."""

from django.apps.registry import Apps
from django.contrib.auth.hashers import make_password
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

ACTORS = {"set-up": "Set-up", "engine": "Run engine", "sweeper": "Sweeper"}


def add(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Insert each actor once; none can sign in."""
    people = apps.get_model("governance", "User").objects.using(schema_editor.connection.alias)
    for slug, name in ACTORS.items():
        people.get_or_create(
            email=f"{slug}@system.invalid",
            defaults={"name": name, "kind": "system", "password": make_password(None)},
        )


def remove(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Delete the actors again."""
    people = apps.get_model("governance", "User").objects.using(schema_editor.connection.alias)
    people.filter(kind="system").delete()


class Migration(migrations.Migration):
    """Data only."""

    dependencies = (("governance", "0002_ledger"),)
    operations = (migrations.RunPython(add, remove),)
