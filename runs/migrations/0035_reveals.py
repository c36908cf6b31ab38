"""Masked contents are revealed for a purpose and a reason."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("runs", "0034_recalls_that_fail")]

    operations = [
        migrations.AddField(
            model_name="ticket",
            name="reason",
            field=models.TextField(
                blank=True, db_default="", help_text="Of a reveal: why, in the person's words."
            ),
        ),
        migrations.AlterField(
            model_name="ticket",
            name="kind",
            field=models.CharField(
                choices=[
                    ("opened", "Opened"),
                    ("revealed", "Revealed"),
                    ("exported", "Taken away"),
                    ("listed", "Seen in a list"),
                    ("searched", "Searched"),
                ],
                max_length=8,
            ),
        ),
        migrations.AlterField(
            model_name="ticket",
            name="purpose",
            field=models.CharField(
                help_text="The page, the answer or the file that shows them; or what masked ones are for.",
                max_length=80,
            ),
        ),
    ]
