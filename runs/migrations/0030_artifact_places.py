"""Large contents are stored outside the database, and their row says where."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """The column keeps its name, since the engine's statements write it; the model calls it what it is."""

    dependencies = (("runs", "0029_imports"),)
    operations = (
        migrations.AlterField("artifact", "body", models.BinaryField(db_column="body", null=True)),
        migrations.RenameField("artifact", "body", "inline"),
        migrations.AlterField(
            "artifact",
            "inline",
            models.BinaryField(db_column="body", help_text="The bytes, where they stand here.", null=True),
        ),
        migrations.AddField(
            "artifact",
            "place",
            models.CharField(
                db_default="", editable=False, help_text="Else where in the store they are.", max_length=200
            ),
        ),
        migrations.AddConstraint(
            "artifact",
            models.CheckConstraint(
                condition=models.Q(("inline__isnull", False), ("place", ""))
                | models.Q(("inline", None), models.Q(("place", ""), _negated=True)),
                name="artifact_in_one_place",
            ),
        ),
    )
