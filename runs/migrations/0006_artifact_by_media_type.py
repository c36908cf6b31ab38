"""The same bytes may be stored once as text and once as JSON, since a step reads them in two ways."""

from django.db import migrations


class Migration(migrations.Migration):
    """The primary key keeps an artifact single: it follows from organisation, digest and media type.

    What was stored before keeps its identifier, under which runs and the ledger know it. A constraint over the
    same three would refuse these contents under the identifier that they have from now on.
    """

    dependencies = (("runs", "0005_words_compared_plain"),)
    operations = (migrations.RemoveConstraint("artifact", "artifact_once"),)
