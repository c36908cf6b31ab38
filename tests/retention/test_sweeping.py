"""Retention goes on whatever becomes of one content, and keeps nothing else from the sweeper."""

from pathlib import Path
from typing import Any

import pytest
from django.db import ProgrammingError

from governance.ledger.models import Event
from governance.releases.models import Release
from runs.artifacts.storing import StoreAway
from runs.durable.actors import sweeper
from runs.retention.announcing import announce, walk_on
from runs.retention.asking import Round
from runs.retention.models import Erasure, ErasureContent, Rule, Walk
from runs.retention.passing import RetentionPass
from tests.factories.cast import Company
from tests.factories.retention import aged, announced, contents_of, keep_for, old_run
from tests.factories.runs import LONG_LETTER, begin, chain, finish, released
from tests.harness.fresh import FreshDatabase

# As if one content were used by so many runs that nobody can say in time whether it is kept.
SLOW = """
ALTER FUNCTION runs_content_kept(uuid) RENAME TO runs_content_kept_at_once;
CREATE FUNCTION runs_content_kept(content uuid) RETURNS text LANGUAGE plpgsql COST 10000 AS $$
BEGIN
    IF content = '{}' THEN
        PERFORM pg_sleep(600);
    END IF;
    RETURN runs_content_kept_at_once(content);
END $$
"""


@pytest.fixture
def release(northwind: Company, settings: Any) -> Release:
    settings.RETENTION_NOTICE *= 0
    return released(northwind, chain(2))


def test_a_content_that_takes_too_long_is_stepped_over_and_the_walk_goes_on(
    fresh_database: FreshDatabase, northwind: Company, release: Release
) -> None:
    slow, *others = contents_of(old_run(northwind, release))
    later = old_run(northwind, release, 2)
    keep_for(northwind)
    with fresh_database.connect("owner") as owner:
        owner.execute(SLOW.format(slow.pk))

    within = Round(each=2)
    while walk_on(actor=sweeper(), within=within):
        pass
    assert within.over == 1
    listed = set(ErasureContent.objects.values_list("artifact", flat=True))
    assert slow.pk not in listed
    assert listed == {found.pk for found in (*others, *contents_of(later))}
    assert Walk.objects.get().ended_at is not None


def test_removals_go_on_while_the_walk_fails_which_is_tried_again_later(
    fresh_database: FreshDatabase, northwind: Company, release: Release
) -> None:
    old_run(northwind, release)
    keep_for(northwind)
    assert announced()
    with fresh_database.connect("owner") as owner:
        owner.execute("REVOKE SELECT ON runs_retention_walk FROM countersign_app")
    now = [10.0]
    look = RetentionPass(clock=lambda: now[0])
    with pytest.raises(ProgrammingError, match="permission denied"):
        look()
    assert Event.objects.filter(kind="contents.removed").exists()
    look()  # not at once
    now[0] += 60
    with pytest.raises(ProgrammingError):
        look()


def test_a_store_that_is_away_is_not_asked_at_once_again(
    fresh_database: FreshDatabase, store: Path, northwind: Company, release: Release
) -> None:
    run = finish(begin(northwind, release, LONG_LETTER))
    keep_for(northwind)
    aged(fresh_database, run)
    assert announced()
    now = [10.0]
    look = RetentionPass(clock=lambda: now[0])
    store.rename(store.with_name(f"{store.name}-aside"))
    store.write_text("No folder.")
    with pytest.raises(StoreAway):
        look()
    look()


@pytest.mark.django_db
def test_where_the_newest_rules_keep_everything_nothing_is_walked(
    northwind: Company, rival: Company, release: Release
) -> None:
    old_run(northwind, release)
    keep_for(northwind)
    keep_for(rival, "internal")
    keep_for(northwind, days=None)
    assert Rule.objects.removing() == [rival.organisation.pk]
    assert announced() == []
    keep_for(rival, "internal", days=None)
    Walk.objects.update(ended_at=None)
    assert not walk_on(actor=sweeper())
    assert Walk.objects.get().ended_at is None


@pytest.mark.django_db
def test_what_is_used_before_it_is_announced_is_left_out_and_the_rest_announced(
    northwind: Company, release: Release
) -> None:
    run = old_run(northwind, release)
    keep_for(northwind)
    contents = [found.pk for found in contents_of(run)]
    used = run.inputs.get().artifact
    finish(begin(northwind, release, "Letter 1"))

    announce(northwind.organisation.pk, contents=contents, actor=sweeper())
    [erasure] = Erasure.objects.all()
    listed = set(erasure.listed.values_list("artifact", flat=True))
    assert listed == {*contents} - {used.pk}
    assert erasure.contents == len(listed)
