"""Index the words of stored contents anew: they are compared in their plain form now.

The index is as good as the code that reads it, so it is made by that code; the contents stay as they are.
"""

from typing import Any

from django.db import migrations

from runs.artifacts.words import text_vector

AT_ONCE = 50  # whole contents in memory


def index_anew(apps: Any, schema_editor: Any) -> None:
    """Replace the vector of each indexed content, some at a time and each for good: begun again, it goes on."""
    texts = apps.get_model("runs", "ArtifactText").objects.using(schema_editor.connection.alias)
    indexed = texts.select_related("artifact").only("artifact__body", "artifact__media_type").order_by("pk")
    batch = list(indexed[:AT_ONCE])
    while batch:
        with schema_editor.connection.cursor() as cursor:
            for text in batch:
                vector = text_vector(bytes(text.artifact.body), text.artifact.media_type)
                cursor.execute(
                    "UPDATE runs_artifact_text SET vector = %s::tsvector WHERE artifact_id = %s",
                    [vector, text.pk],
                )
        batch = list(indexed.filter(pk__gt=batch[-1].pk)[:AT_ONCE])


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("runs", "0004_prices")]

    operations = [migrations.RunPython(index_anew, migrations.RunPython.noop)]
