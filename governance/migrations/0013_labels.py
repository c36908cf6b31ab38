"""What the admin calls things: words for people in place of names of columns. Nothing changes in the database."""

import re

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Labels alone."""

    dependencies = (("governance", "0012_first_password"),)

    operations = (
        migrations.AlterModelOptions(
            name="apitoken",
            options={"ordering": ("-id",), "verbose_name": "API token", "verbose_name_plural": "API tokens"},
        ),
        migrations.AlterModelOptions(
            name="approvalrequest",
            options={
                "ordering": ("-id",),
                "verbose_name": "request for approval",
                "verbose_name_plural": "requests for approval",
            },
        ),
        migrations.AlterModelOptions(
            name="event",
            options={
                "ordering": ("-id",),
                "verbose_name": "ledger entry",
                "verbose_name_plural": "ledger entries",
            },
        ),
        migrations.AlterModelOptions(
            name="grant",
            options={"ordering": ("-id",), "verbose_name": "role", "verbose_name_plural": "roles"},
        ),
        migrations.AlterModelOptions(
            name="user",
            options={
                "ordering": ("name", "email"),
                "verbose_name": "person",
                "verbose_name_plural": "people",
            },
        ),
        migrations.AlterModelOptions(
            name="vote",
            options={"ordering": ("id",), "verbose_name": "decision", "verbose_name_plural": "decisions"},
        ),
        migrations.AlterField(
            model_name="activation",
            name="actor_name",
            field=models.CharField(max_length=200, verbose_name="by"),
        ),
        migrations.AlterField(
            model_name="activation",
            name="at",
            field=models.DateTimeField(auto_now_add=True, verbose_name="when"),
        ),
        migrations.AlterField(
            model_name="apitoken",
            name="created_at",
            field=models.DateTimeField(auto_now_add=True, verbose_name="made"),
        ),
        migrations.AlterField(
            model_name="apitoken",
            name="expires_at",
            field=models.DateTimeField(verbose_name="ends"),
        ),
        migrations.AlterField(
            model_name="apitoken",
            name="last_used_at",
            field=models.DateTimeField(null=True, verbose_name="last used"),
        ),
        migrations.AlterField(
            model_name="apitoken",
            name="revoked_at",
            field=models.DateTimeField(null=True, verbose_name="revoked"),
        ),
        migrations.AlterField(
            model_name="approvalrequest",
            name="decided_at",
            field=models.DateTimeField(null=True, verbose_name="decided"),
        ),
        migrations.AlterField(
            model_name="approvalrequest",
            name="quorum",
            field=models.PositiveSmallIntegerField(verbose_name="approvals needed"),
        ),
        migrations.AlterField(
            model_name="approvalrequest",
            name="requested_at",
            field=models.DateTimeField(auto_now_add=True, verbose_name="asked"),
        ),
        migrations.AlterField(
            model_name="approvalrequest",
            name="requested_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="asked by",
            ),
        ),
        migrations.AlterField(
            model_name="asset",
            name="created_at",
            field=models.DateTimeField(auto_now_add=True, verbose_name="named"),
        ),
        migrations.AlterField(
            model_name="asset",
            name="created_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="named by",
            ),
        ),
        migrations.AlterField(
            model_name="asset",
            name="slug",
            field=models.CharField(
                max_length=80,
                validators=[
                    django.core.validators.RegexValidator(
                        re.compile("^[-a-zA-Z0-9_]+\\Z"),
                        "Enter a valid “slug” consisting of letters, numbers, underscores or hyphens.",
                        "invalid",
                    )
                ],
                verbose_name="name",
            ),
        ),
        migrations.AlterField(
            model_name="event",
            name="actor_name",
            field=models.CharField(
                help_text="The printed name at the time.", max_length=200, verbose_name="by"
            ),
        ),
        migrations.AlterField(
            model_name="event",
            name="at",
            field=models.DateTimeField(verbose_name="when"),
        ),
        migrations.AlterField(
            model_name="event",
            name="kind",
            field=models.CharField(help_text="A `Kind`.", max_length=60, verbose_name="event"),
        ),
        migrations.AlterField(
            model_name="event",
            name="object_id",
            field=models.UUIDField(verbose_name="its identifier"),
        ),
        migrations.AlterField(
            model_name="event",
            name="object_type",
            field=models.CharField(max_length=40, verbose_name="about"),
        ),
        migrations.AlterField(
            model_name="grant",
            name="granted_at",
            field=models.DateTimeField(auto_now_add=True, verbose_name="given"),
        ),
        migrations.AlterField(
            model_name="grant",
            name="granted_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="given by",
            ),
        ),
        migrations.AlterField(
            model_name="grant",
            name="revoked_at",
            field=models.DateTimeField(null=True, verbose_name="taken back"),
        ),
        migrations.AlterField(
            model_name="organisation",
            name="created_at",
            field=models.DateTimeField(auto_now_add=True, verbose_name="opened"),
        ),
        migrations.AlterField(
            model_name="project",
            name="created_at",
            field=models.DateTimeField(auto_now_add=True, verbose_name="opened"),
        ),
        migrations.AlterField(
            model_name="release",
            name="submitted_at",
            field=models.DateTimeField(auto_now_add=True, verbose_name="submitted"),
        ),
        migrations.AlterField(
            model_name="user",
            name="created_at",
            field=models.DateTimeField(auto_now_add=True, verbose_name="made"),
        ),
        migrations.AlterField(
            model_name="user",
            name="employer",
            field=models.ForeignKey(
                editable=False,
                help_text="The organisation whose platform owners made the account and may shut it.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="people",
                to="governance.organisation",
                verbose_name="organisation",
            ),
        ),
        migrations.AlterField(
            model_name="user",
            name="is_active",
            field=models.BooleanField(default=True, verbose_name="may sign in"),
        ),
        migrations.AlterField(
            model_name="version",
            name="author_name",
            field=models.CharField(max_length=200, verbose_name="author's name"),
        ),
        migrations.AlterField(
            model_name="version",
            name="created_at",
            field=models.DateTimeField(auto_now_add=True, verbose_name="written"),
        ),
        migrations.AlterField(
            model_name="vote",
            name="at",
            field=models.DateTimeField(auto_now_add=True, verbose_name="when"),
        ),
        migrations.AlterField(
            model_name="vote",
            name="person_name",
            field=models.CharField(max_length=200, verbose_name="person's name"),
        ),
    )
