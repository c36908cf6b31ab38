"""Who owns an organisation is not granted as a role of its projects, too."""

from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    """Ends what was granted so; the choices of the column live in Python alone."""

    dependencies = (("governance", "0008_event_project"),)
    operations = (
        migrations.RunSQL([(SQL / "0009_ownership.sql").read_text(encoding="utf-8")], migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="grant",
            name="role",
            field=models.CharField(
                choices=[
                    ("author", "Author"),
                    ("approver", "Approver"),
                    ("operator", "Operator"),
                    ("auditor", "Auditor"),
                ],
                max_length=20,
            ),
        ),
    )
