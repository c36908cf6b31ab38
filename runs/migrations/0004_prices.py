"""A price is superseded by the next one, never changed."""

from django.db import migrations


class Migration(migrations.Migration):
    """The triggers that refuse every change of a row that is only ever inserted."""

    dependencies = (("runs", "0003_outbox_due"),)
    operations = (
        migrations.RunSQL(
            "SELECT make_immutable('runs_price');",
            "DROP TRIGGER refuse_change ON runs_price; DROP TRIGGER refuse_truncate ON runs_price;",
        ),
    )
