"""When a run in the outbox is to be announced again."""

from django.db import migrations, models
from django.db.models.functions import Now


class Migration(migrations.Migration):
    """One column with a default in the database, and the index that the sweeper reads."""

    dependencies = (("runs", "0002_records"),)
    operations = (
        migrations.AddField("outbox", "due_at", models.DateTimeField(db_default=Now())),
        migrations.AddIndex("outbox", models.Index(fields=["due_at"], name="outbox_due")),
    )
