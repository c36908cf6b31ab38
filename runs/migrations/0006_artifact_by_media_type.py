"""The same bytes may be stored once as text and once as JSON, since a step reads them in two ways."""

from typing import Any
from uuid import uuid5

from django.db import migrations
from django.db.migrations.exceptions import IrreversibleError


def refuse_if_used(apps: Any, schema_editor: Any) -> None:
    """Going back, the earlier code would look for each content under the identifier that it gave it."""
    artifacts = apps.get_model("runs", "Artifact").objects.using(schema_editor.connection.alias)
    known = artifacts.order_by("-created_at").values_list("pk", "organisation", "sha256")
    if any(pk != uuid5(organisation, digest) for pk, organisation, digest in known.iterator()):
        raise IrreversibleError(
            "Contents are stored under identifiers that the earlier version does not know:"
            " this migration cannot be taken back. Restore a backup from before it instead."
        )


class Migration(migrations.Migration):
    """The primary key keeps an artifact single: it follows from organisation, digest and media type.

    What was stored before keeps its identifier, under which runs and the ledger know it. A constraint over the
    same three would refuse these contents under the identifier that they have from now on.

    It can be taken back until the first run stores a content, and refuses afterwards.
    """

    dependencies = (("runs", "0005_words_compared_plain"),)
    operations = (
        migrations.RemoveConstraint("artifact", "artifact_once"),
        migrations.RunPython(migrations.RunPython.noop, refuse_if_used),
    )
