"""Contents that were indexed before words were compared in their plain form."""

from importlib import import_module
from types import SimpleNamespace

from django.db import connection
from django.db.migrations.loader import MigrationLoader

from runs.insight.search import search
from tests.factories.cast import Company
from tests.factories.runs import begin, chain, finish, released


def test_the_migration_makes_old_rows_findable(northwind: Company) -> None:
    letter = "Your com\u00adplaint cost us 3 000 m\u00b2 of \u201cshelves\u201d."
    run = finish(begin(northwind, released(northwind, chain(1)), letter=letter))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE runs_artifact_text SET vector = 'com:2 plaint:3 m\u00b2:8'::tsvector")
    assert not search("complaint cost us 3 000 m2", actor=northwind.auditor).count

    migration = import_module("runs.migrations.0005_words_compared_plain")
    then = MigrationLoader(connection).project_state(("runs", "0005_words_compared_plain")).apps
    migration.index_anew(then, SimpleNamespace(connection=connection))

    found = search('complaint cost us 3 000 m2 of "shelves"', actor=northwind.auditor)
    assert [hit.run for hit in found.inputs] == [run]
