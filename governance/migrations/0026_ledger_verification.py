"""What the keeper's rounds found, and what was done about it: rows that are only ever inserted."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import governance.ledger.identity

TABLES = ("ledger_verification", "ledger_freeze", "ledger_thaw")


class Migration(migrations.Migration):
    """Tables, and the triggers that keep their rows as they are."""

    dependencies = [
        ("governance", "0025_ledger_forms"),
    ]

    operations = [
        migrations.CreateModel(
            name="Verification",
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
                ("entries", models.BigIntegerField()),
                ("logs", models.PositiveIntegerField()),
                ("holds", models.BooleanField()),
                ("findings", models.JSONField(default=list)),
                ("seconds", models.FloatField()),
                (
                    "at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), verbose_name="verified"
                    ),
                ),
            ],
            options={"db_table": "ledger_verification", "ordering": ("-id",)},
        ),
        migrations.CreateModel(
            name="Freeze",
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
                (
                    "log",
                    models.UUIDField(help_text="Null when it concerns the whole installation.", null=True),
                ),
                ("code", models.CharField(max_length=40, verbose_name="finding")),
                ("position", models.BigIntegerField(null=True)),
                ("finding", models.JSONField()),
                (
                    "at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), verbose_name="found"
                    ),
                ),
            ],
            options={"db_table": "ledger_freeze", "ordering": ("-id",)},
        ),
        migrations.CreateModel(
            name="Thaw",
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
                ("by_name", models.CharField(max_length=200, verbose_name="by")),
                ("reason", models.CharField(max_length=1000)),
                (
                    "at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), verbose_name="when"
                    ),
                ),
                (
                    "freeze",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="thaw",
                        to="governance.freeze",
                    ),
                ),
            ],
            options={"db_table": "ledger_thaw", "ordering": ("-id",)},
        ),
        migrations.RunSQL(
            [f"SELECT make_immutable('{table}')" for table in TABLES],
            [
                f"DROP TRIGGER refuse_change ON {table}; DROP TRIGGER refuse_truncate ON {table}"
                for table in TABLES
            ],
        ),
    ]
