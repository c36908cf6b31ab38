"""Whether an environment takes approved releases alone is said once, when it is made."""

from django.db import migrations


class Migration(migrations.Migration):
    """The triggers that refuse every change of a row that is only ever inserted."""

    dependencies = (("governance", "0005_guards"),)
    operations = (
        migrations.RunSQL(
            "SELECT make_immutable('releases_environment');",
            "DROP TRIGGER refuse_change ON releases_environment;"
            " DROP TRIGGER refuse_truncate ON releases_environment;",
        ),
    )
