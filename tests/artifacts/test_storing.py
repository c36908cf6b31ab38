"""Contents too large for a row are whole in the store, and are read back as they were or not at all."""

import hashlib
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import DatabaseError, IntegrityError, connection, transaction

from runs.artifacts.models import Artifact, ArtifactText
from runs.artifacts.opening import ArtifactDamaged, bytes_of, is_intact
from runs.artifacts.store import TEXT, Content, keep, ready
from runs.artifacts.storing import ArtifactFiles, StoreAway, fetched, place_of, stored
from runs.insight.search import search
from runs.records.models import Run
from runs.replay.verify import verify_run
from tests.factories.cast import Company
from tests.factories.runs import LONG_LETTER, begin, chain, finish, released


def files(folder: Path) -> list[Path]:
    """Every file below it."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


def ran(company: Company) -> Run:
    """A run of two steps over a long letter."""
    return finish(begin(company, released(company, chain(2)), LONG_LETTER))


def test_a_large_content_is_a_file_and_its_row_says_where(store: Path, northwind: Company) -> None:
    run = ran(northwind)

    given = run.inputs.get().artifact
    assert given.inline is None
    assert given.place == f"{northwind.organisation.pk}/{given.sha256[:2]}/{given.sha256}"
    assert bytes_of(given) == LONG_LETTER.encode()
    assert (store / given.place).read_bytes() == LONG_LETTER.encode()
    assert ArtifactText.objects.filter(artifact=given).exists()
    assert run.output is not None
    assert run.output.place


def test_a_small_content_stays_in_its_row(store: Path, northwind: Company) -> None:
    finish(begin(northwind, released(northwind, chain(1)), "Dear bank."))

    assert files(store) == []
    assert not Artifact.objects.exclude(place="").exists()


def test_a_run_over_large_contents_verifies_and_is_found_by_its_words(
    store: Path, northwind: Company
) -> None:
    run = ran(northwind)

    assert verify_run(run, actor=northwind.auditor).holds
    found = search("please call me back about my card please call", actor=northwind.auditor)
    assert run.pk in {hit.run.pk for hit in found.inputs}


def test_a_byte_flipped_in_the_store_is_noticed_by_whoever_reads_it(store: Path, northwind: Company) -> None:
    run = ran(northwind)
    given = run.inputs.get().artifact
    path = store / given.place
    path.write_bytes(b"E" + path.read_bytes()[1:])

    with pytest.raises(ArtifactDamaged, match="it was altered"):
        bytes_of(given)
    found = verify_run(run, actor=northwind.auditor)
    assert "stored content" in {difference.what for difference in found.differences}


def test_a_file_that_is_gone_is_damage_and_no_mistake_of_ours(store: Path, northwind: Company) -> None:
    given = ran(northwind).inputs.get().artifact
    (store / given.place).unlink()

    assert not is_intact(given)
    with pytest.raises(ArtifactDamaged, match="not in the store that this machine reaches"):
        bytes_of(given)


def test_what_was_altered_is_written_anew_by_the_next_who_needs_it(store: Path, northwind: Company) -> None:
    organisation, sha256 = northwind.organisation.pk, hashlib.sha256(b"whole").hexdigest()
    place = stored(b"whole", sha256, organisation=organisation)
    (store / place).write_bytes(b"half")

    assert stored(b"whole", sha256, organisation=organisation) == place == place_of(organisation, sha256)
    assert fetched(place) == b"whole"


def test_the_same_content_is_written_once(store: Path, northwind: Company) -> None:
    content = Content(LONG_LETTER.encode(), TEXT)
    assert ready([content, content], organisation=northwind.organisation.pk) == []
    [path] = files(store)
    written = path.stat().st_mtime_ns

    keep(ready([content], organisation=northwind.organisation.pk), organisation=northwind.organisation.pk)

    assert [found.stat().st_mtime_ns for found in files(store)] == [written]
    assert Artifact.objects.filter(sha256=content.sha256).count() == 1


def test_organisations_do_not_share_files(store: Path, northwind: Company, rival: Company) -> None:
    for company in (northwind, rival):
        ready([Content(LONG_LETTER.encode(), TEXT)], organisation=company.organisation.pk)

    assert len(files(store)) == 2


def test_files_are_their_owners_alone_and_nothing_is_left_half_written(store: Path) -> None:
    class Torn(ContentFile):  # type: ignore[type-arg]  # not subscriptable when it runs
        def chunks(self, chunk_size: int | None = None) -> Any:
            yield b"the first half"
            raise OSError("the disk is full")

    files_of = ArtifactFiles(location=store)
    files_of.save("a/b/whole", ContentFile(b"whole"))
    with pytest.raises(OSError, match="full"):
        files_of.save("a/b/torn", Torn(b""))

    assert [path.name for path in files(store)] == ["whole"]
    assert (store / "a/b/whole").stat().st_mode & 0o777 == 0o600


def test_a_store_that_is_away_says_so_without_its_address(
    store: Path, monkeypatch: pytest.MonkeyPatch, northwind: Company
) -> None:
    given = ran(northwind).inputs.get().artifact

    def refuse(*_: Any) -> None:
        raise ConnectionError("http://10.0.0.7:9000/bucket?key=secret")

    monkeypatch.setattr(type(storages["artifacts"]), "_open", refuse)
    with pytest.raises(StoreAway, match="does not answer") as away:
        bytes_of(given)
    assert "10.0.0.7" not in away.value.message


@pytest.mark.django_db
def test_a_row_without_bytes_and_without_a_place_is_refused(northwind: Company) -> None:
    with pytest.raises(IntegrityError, match="artifact_in_one_place"), transaction.atomic():
        Artifact.objects.create(
            id=northwind.organisation.pk, organisation=northwind.organisation, sha256="0" * 64,
            media_type=TEXT, size=1, inline=None, place="",
        )  # fmt: skip


def test_where_a_content_is_never_changes(store: Path, northwind: Company) -> None:
    ran(northwind)

    with pytest.raises(DatabaseError, match="only ever inserted"), transaction.atomic():
        Artifact.objects.update(place="elsewhere")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM runs_artifact WHERE place = 'elsewhere'")
        assert cursor.fetchone() == (0,)
