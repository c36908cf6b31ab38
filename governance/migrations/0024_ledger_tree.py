"""The log over the events: positions, tiles, checkpoints and keys, the functions that write them, and its actor."""

import uuid
from pathlib import Path

import django.db.models.functions.datetime
from django.apps.registry import Apps
from django.contrib.auth.hashers import make_password
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

import governance.ledger.identity

SQL = Path(__file__).parent / "sql"


def add(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """The actor in whose name keys are announced and findings told; nobody signs in as it."""
    people = apps.get_model("governance", "User").objects.using(schema_editor.connection.alias)
    people.get_or_create(
        email="keeper@system.invalid",
        defaults={"name": "Ledger keeper", "kind": "system", "password": make_password(None)},
    )


class Migration(migrations.Migration):
    """Tables, then `sql/0024_ledger_tree.sql`. The actor stays when the tables go: events may name it."""

    dependencies = [
        ("governance", "0023_events_by_transaction"),
    ]

    operations = [
        migrations.CreateModel(
            name="Log",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        editable=False,
                        help_text="The organisation, or no one.",
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "origin",
                    models.CharField(help_text="Its name in notes.", max_length=255, unique=True),
                ),
                ("opened_at", models.DateTimeField(verbose_name="first signed")),
            ],
            options={"db_table": "ledger_log", "ordering": ("origin",)},
        ),
        migrations.CreateModel(
            name="Sequencing",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("cluster", models.CharField(max_length=40)),
                ("seen", models.TextField(null=True)),
                ("reading", models.TextField(null=True)),
                ("after_xid", models.BigIntegerField(default=0)),
                ("after_id", models.UUIDField(default=uuid.UUID(int=0))),
            ],
            options={"db_table": "ledger_sequencing"},
        ),
        migrations.CreateModel(
            name="Position",
            fields=[
                ("event", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("log", models.UUIDField()),
                ("position", models.BigIntegerField()),
            ],
            options={
                "db_table": "ledger_entry",
                "ordering": ("log", "position"),
                "constraints": [
                    models.UniqueConstraint(fields=("log", "position"), name="entry_position_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Tile",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=governance.ledger.identity.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("log", models.UUIDField()),
                ("level", models.SmallIntegerField()),
                ("index", models.BigIntegerField()),
                (
                    "root",
                    models.BinaryField(help_text="Over the 256 hashes: the one of them at the level above."),
                ),
                ("hashes", models.BinaryField()),
            ],
            options={
                "db_table": "ledger_tile",
                "ordering": ("log", "level", "index"),
                "constraints": [models.UniqueConstraint(fields=("log", "level", "index"), name="tile_once")],
            },
        ),
        migrations.CreateModel(
            name="Checkpoint",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("log", models.UUIDField()),
                ("size", models.BigIntegerField()),
                ("root", models.BinaryField()),
                ("note", models.BinaryField(help_text="As it was signed, byte for byte.")),
                ("key_id", models.CharField(max_length=8, verbose_name="key")),
                ("at", models.DateTimeField(verbose_name="signed")),
            ],
            options={
                "db_table": "ledger_checkpoint",
                "ordering": ("log", "-size"),
                "constraints": [models.UniqueConstraint(fields=("log", "size"), name="checkpoint_size_once")],
            },
        ),
        migrations.CreateModel(
            name="LogKey",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=governance.ledger.identity.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("log", models.UUIDField()),
                ("vkey", models.CharField(max_length=400, verbose_name="verifier key")),
                ("from_size", models.BigIntegerField()),
                ("event", models.UUIDField(help_text="What announced it.")),
                (
                    "at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), verbose_name="announced"
                    ),
                ),
            ],
            options={
                "db_table": "ledger_key",
                "ordering": ("log", "from_size"),
                "constraints": [models.UniqueConstraint(fields=("log", "from_size"), name="log_key_once")],
            },
        ),
        migrations.RunSQL(
            [(SQL / "0024_ledger_tree.sql").read_text(encoding="utf-8")],
            [(SQL / "0024_ledger_tree_undo.sql").read_text(encoding="utf-8")],
        ),
        migrations.RunPython(add, migrations.RunPython.noop),
    ]
