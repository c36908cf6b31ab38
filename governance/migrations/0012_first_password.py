"""A password that somebody else chose is replaced before it opens anything."""

from django.db import migrations, models

BEFORE = "'password', 'last_login', 'is_active', 'is_staff'"


class Migration(migrations.Migration):
    """The mark on the account, which services set and replacing the password takes away."""

    dependencies = (("governance", "0011_columns"),)
    operations = (
        migrations.AddField(
            model_name="user",
            name="must_replace_password",
            field=models.BooleanField(
                default=False,
                editable=False,
                help_text="Somebody else chose it: it opens but one page, to replace it.",
            ),
        ),
        migrations.RunSQL(
            f"SELECT allow_changes('accounts_user', {BEFORE}, 'must_replace_password')",
            f"SELECT allow_changes('accounts_user', {BEFORE})",
        ),
    )
