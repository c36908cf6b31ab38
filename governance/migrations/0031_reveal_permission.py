"""Operators and auditors may reveal confidential and personal contents; those who are one already, too."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    """SQL in its own files: `sql/0031_reveal_permission.sql` and its undo."""

    dependencies = (("governance", "0030_cosignatures"),)
    operations = (
        migrations.AlterModelOptions(
            name="project",
            options={
                "ordering": ("name",),
                "permissions": (
                    ("author_assets", "Write prompts, models and workflows"),
                    ("submit_release", "Submit a release"),
                    ("approve_release", "Approve or reject a release"),
                    ("activate_release", "Put an approved release into effect or roll back"),
                    ("operate_runs", "Start, resume and cancel runs"),
                    ("reveal_contents", "Reveal confidential and personal contents"),
                    ("administer_project", "Grant roles on the project"),
                ),
            },
        ),
        migrations.RunSQL(
            [(SQL / "0031_reveal_permission.sql").read_text(encoding="utf-8")],
            [(SQL / "0031_reveal_permission_undo.sql").read_text(encoding="utf-8")],
        ),
    )
