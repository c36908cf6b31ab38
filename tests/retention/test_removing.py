"""Contents whose time is over are announced, and then their bytes go; all that is recorded of them stays."""

from datetime import timedelta
from typing import Any

import pytest

from governance.ledger.models import Event
from governance.releases.models import Release
from runs.artifacts.models import Artifact, ArtifactText
from runs.artifacts.opening import ContentRemoved, bytes_of
from runs.records.models import Run
from runs.retention.models import ErasureContent
from tests.factories.cast import Company
from tests.factories.retention import announced, contents_of, held, keep_for, old_run, removed
from tests.factories.runs import begin, chain, finish, released

pytestmark = pytest.mark.django_db
NOW = timedelta()


@pytest.fixture
def release(northwind: Company, settings: Any) -> Release:
    settings.RETENTION_NOTICE = NOW
    return released(northwind, chain(2))


def test_what_is_over_is_announced_and_goes_and_its_records_stay(
    northwind: Company, release: Release
) -> None:
    run = old_run(northwind, release)
    before = {found.pk: (found.sha256, found.size, found.media_type) for found in contents_of(run)}
    events = list(Event.objects.of_run(run.pk).values_list("record", flat=True))
    keep_for(northwind)

    [erasure] = announced()
    assert erasure.contents == 3
    assert all(bytes_of(found) for found in contents_of(run))
    assert removed() == 3

    gone = contents_of(run)
    assert {found.pk: (found.sha256, found.size, found.media_type) for found in gone} == before
    assert {found.pruned_by.erasure for found in gone if found.pruned_by} == {erasure}
    for found in gone:
        with pytest.raises(ContentRemoved, match="was removed on"):
            bytes_of(found)
    assert not ArtifactText.objects.filter(artifact__in=gone).exists()
    assert list(Event.objects.of_run(run.pk).values_list("record", flat=True)) == events
    told = Event.objects.get(kind="contents.removed")
    assert (told.details["removed"], told.details["kept"], told.details["digest"]) == (3, 0, erasure.digest)
    assert announced() == []


def test_nothing_goes_before_the_notice_is_over(northwind: Company, release: Release, settings: Any) -> None:
    settings.RETENTION_NOTICE = timedelta(days=7)
    run = old_run(northwind, release)
    keep_for(northwind)

    assert len(announced()) == 1
    assert removed() == 0
    assert all(bytes_of(found) for found in contents_of(run))


def test_a_class_without_a_rule_and_a_run_that_has_just_ended_are_kept(
    northwind: Company, release: Release
) -> None:
    letter = {"name": "letter", "classification": "personal", "content": {"text": "Dear bank."}}
    old, new = old_run(northwind, release, inputs=[letter]), finish(begin(northwind, release))
    keep_for(northwind, "personal")

    [erasure] = announced()
    listed = list(ErasureContent.objects.filter(erasure=erasure))
    assert [(each.classification, each.artifact) for each in listed] == [
        ("personal", old.inputs.get().artifact)
    ]
    removed()
    assert {found.pruned_at is None for found in contents_of(new)} == {True}
    keep_for(northwind, "internal", "confidential")
    assert [erasure.contents for erasure in announced()] == [2]


def test_the_newest_rule_counts(northwind: Company, release: Release) -> None:
    old_run(northwind, release)
    keep_for(northwind)
    keep_for(northwind, days=36_500)
    assert announced() == []
    keep_for(northwind, days=None)
    assert announced() == []


def test_what_a_newer_run_uses_is_kept(northwind: Company, release: Release) -> None:
    run = old_run(northwind, release)
    begin(northwind, release, "Letter 1")
    keep_for(northwind)

    announced()
    removed()
    assert run.inputs.get().artifact.pruned_at is None
    assert {found.pruned_at is None for found in contents_of(run)} == {True, False}


def test_what_is_used_again_after_it_was_announced_is_kept(northwind: Company, release: Release) -> None:
    run = old_run(northwind, release)
    keep_for(northwind)
    [erasure] = announced()

    new = begin(northwind, release, "Letter 1")
    assert new.inputs.get().artifact == run.inputs.get().artifact
    removed()
    kept = ErasureContent.objects.get(erasure=erasure, artifact=run.inputs.get().artifact_id)
    assert (kept.outcome, kept.why) == ("kept", "used")
    assert bytes_of(run.inputs.get().artifact) == b"Letter 1"


def test_what_was_removed_comes_back_with_whoever_uses_it_again(northwind: Company, release: Release) -> None:
    run = old_run(northwind, release)
    keep_for(northwind)
    announced()
    removed()

    new = finish(begin(northwind, release, "Letter 1"))
    assert new.state == Run.State.SUCCEEDED
    given = run.inputs.get().artifact
    assert (bytes_of(given), given.pruned_by, given.pruned_at) == (b"Letter 1", None, None)
    assert ArtifactText.objects.filter(artifact=given).exists()
    assert ErasureContent.objects.get(artifact=given).outcome == "removed"


def test_a_hold_beats_the_rule_before_and_after_the_announcement(
    northwind: Company, release: Release
) -> None:
    first, second = old_run(northwind, release, 1), old_run(northwind, release, 2)
    keep_for(northwind)
    held(northwind, first)

    [erasure] = announced()
    assert erasure.contents == 3
    held(northwind, second)
    removed()
    assert ErasureContent.objects.filter(outcome="kept").count() == 3
    assert set(ErasureContent.objects.values_list("why", flat=True)) == {"held"}
    assert not Artifact.objects.filter(pruned_by__isnull=False).exists()
    assert announced() == []
