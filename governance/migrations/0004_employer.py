"""The organisation that an account belongs to."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds a column that may be empty: no row is rewritten."""

    dependencies = (("governance", "0003_system_actors"),)
    operations = (
        migrations.AddField(
            model_name="user",
            name="employer",
            field=models.ForeignKey(
                editable=False,
                help_text="The organisation whose platform owners made the account and may shut it.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="people",
                to="governance.organisation",
            ),
        ),
    )
