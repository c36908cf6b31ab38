"""To which environments an endpoint or a provider is open: rows that are only ever inserted."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import governance.ledger.identity


class Migration(migrations.Migration):
    """The table, and the triggers that keep its rows as they are."""

    dependencies = [
        ("governance", "0019_row_versions"),
    ]

    operations = [
        migrations.CreateModel(
            name="Opening",
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
                    "kind",
                    models.CharField(
                        choices=[("endpoint", "HTTP endpoint"), ("provider", "Provider of models")],
                        max_length=10,
                    ),
                ),
                ("name", models.CharField(max_length=40)),
                ("number", models.PositiveIntegerField(help_text="Counts the openings of the name.")),
                (
                    "environments",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.UUIDField(),
                        help_text="Those it is open to, and no others.",
                        size=None,
                    ),
                ),
                ("reason", models.CharField(max_length=1000)),
                ("set_by_name", models.CharField(max_length=200, verbose_name="set by")),
                ("set_at", models.DateTimeField(auto_now_add=True, verbose_name="when")),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="openings",
                        to="governance.organisation",
                    ),
                ),
                (
                    "set_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "releases_opening",
                "ordering": ("-number",),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organisation", "kind", "name", "number"), name="opening_number_once"
                    )
                ],
            },
        ),
        migrations.RunSQL(
            "SELECT make_immutable('releases_opening');",
            "DROP TRIGGER refuse_change ON releases_opening; DROP TRIGGER refuse_truncate ON releases_opening;",
        ),
    ]
