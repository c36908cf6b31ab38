"""What this process has cleared is cleared again at one look; once anything of it differs, in full."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID, uuid4

import pytest
from pytest_django import DjangoAssertNumQueries

from governance.catalog.models import Version
from governance.ledger.identity import uuid7
from governance.prepared import rows
from governance.releases import clearance
from governance.releases.clearance import NotCleared, check_clearance, clear, cleared, fingerprint_of
from governance.releases.models import Release
from tests.factories.cast import Company
from tests.factories.things import make_active, make_model, make_prompt
from tests.harness.fresh import FreshDatabase


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[UUID]:
    """The releases whose fingerprint was asked for, one after another."""
    found: list[UUID] = []

    def look(statement: bytes, values: Mapping[str, Any]) -> list[Any]:
        found.append(values["release"])
        return rows(statement, values)

    monkeypatch.setattr(clearance, "rows", look)
    return found


def as_owner(database: FreshDatabase, table: str, statement: str, *values: object) -> None:
    """As the owner of the tables, with the triggers out of the way."""
    with database.connect("owner") as owner, owner.transaction():
        owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER".encode())
        assert owner.execute(statement.encode(), values).rowcount > 0


def test_what_is_known_costs_one_look(
    northwind: Company, looks: list[UUID], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    release, _ = make_active(northwind)
    first = cleared(release.pk)
    looks.clear()

    with django_assert_num_queries(0):
        again = cleared(release.pk)
        by_whoever_looked = clear(release.pk, fingerprint=first_value(release))

    assert again is by_whoever_looked is first
    assert looks == [release.pk, release.pk]
    with django_assert_num_queries(0):
        assert [vote.person_name for vote in again.request.votes.all()] == [northwind.approver.name]
        assert again.version.asset == again.workflow
        assert (again.project.pk, again.environment.slug) == (release.project_id, "production")


def first_value(release: Release) -> str:
    """The fingerprint, which the release has."""
    found = fingerprint_of(release.pk)
    assert found is not None
    return found


def test_there_is_no_fingerprint_and_no_clearance_of_what_is_not_there(northwind: Company) -> None:
    assert fingerprint_of(uuid4()) is None
    with pytest.raises(Release.DoesNotExist):
        cleared(uuid4())


def test_a_fingerprint_that_is_not_the_one_of_the_rows_is_good_for_nothing(northwind: Company) -> None:
    release, _ = make_active(northwind)
    first = clear(release.pk, fingerprint="0" * 64)

    assert clear(release.pk, fingerprint="0" * 64) is not first


def test_each_row_on_which_the_clearance_depends_changes_the_fingerprint(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    release, _ = make_active(northwind)
    values = [first_value(release)]
    for table, statement in (
        ("approvals_vote", "UPDATE approvals_vote SET reason = reason || '.'"),
        ("approvals_vote", "UPDATE approvals_vote SET person_name = 'Somebody'"),
        ("approvals_exclusion", "UPDATE approvals_exclusion SET reason = 'x'"),
        ("approvals_exclusion", "DELETE FROM approvals_exclusion"),
        ("approvals_vote", "DELETE FROM approvals_vote"),
        ("approvals_request", "UPDATE approvals_request SET state = 'open', decided_at = NULL"),
        ("approvals_request", "UPDATE approvals_request SET quorum = quorum + 1"),
        ("releases_environment", "UPDATE releases_environment SET protected = NOT protected"),
        ("releases_release", "UPDATE releases_release SET closure = closure || '\\x20'"),
        ("releases_release", "UPDATE releases_release SET number = number + 1"),
        ("catalog_version", "UPDATE catalog_version SET content = content || '\\x20'"),
        ("catalog_version", "UPDATE catalog_version SET digest = repeat('0', 64)"),
        ("catalog_asset", "UPDATE catalog_asset SET slug = slug || '-2'"),
        ("catalog_pin", "UPDATE catalog_pin SET node = node || '_2'"),
        ("catalog_pin", "DELETE FROM catalog_pin"),
    ):
        as_owner(fresh_database, table, statement)
        values.append(first_value(release))

    assert len(set(values)) == len(values) == 16


def test_a_row_that_was_changed_back_is_not_the_row_that_was_there(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    release, _ = make_active(northwind)
    values = [first_value(release)]
    for statement in (
        "UPDATE catalog_version SET content = content || '\\x20'",
        "UPDATE catalog_version SET content = substring(content FROM 1 FOR length(content) - 1)",
        "UPDATE catalog_version SET content = content",
    ):
        as_owner(fresh_database, "catalog_version", statement)
        values.append(first_value(release))

    assert len(set(values)) == 4


def test_who_locks_a_row_or_tidies_up_changes_nothing(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    release, _ = make_active(northwind)
    first = first_value(release)
    with fresh_database.connect("owner") as owner:
        owner.execute("SELECT id FROM catalog_version FOR UPDATE")
        owner.execute("SELECT id FROM approvals_request FOR UPDATE")
        owner.execute("VACUUM (FREEZE, ANALYZE) catalog_version, approvals_request, releases_environment")

    assert first_value(release) == first


def test_what_a_pinned_version_pins_belongs_to_the_release(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    release, _ = make_active(northwind)
    deep, deeper = make_prompt(northwind), make_model(northwind)
    values = [first_value(release)]

    def pin(version: UUID, pinned: Version) -> None:
        insert = "INSERT INTO catalog_pin (id, version_id, node, pinned_id) VALUES (%s, %s, 'n', %s)"
        as_owner(fresh_database, "catalog_pin", insert, uuid7(), version, pinned.pk)
        values.append(first_value(release))

    pin(release.version.pins.order_by("id")[0].pinned_id, deep)
    pin(deep.pk, deeper)
    as_owner(
        fresh_database,
        "catalog_version",
        "UPDATE catalog_version SET content = content || '\\x20' WHERE id = %s",
        deeper.pk,
    )
    values.append(first_value(release))
    pin(deeper.pk, deep)  # in a circle, which ends

    assert len(set(values)) == len(values) == 5


def test_what_changes_while_it_is_checked_is_not_known_afterwards(
    fresh_database: FreshDatabase, northwind: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    release, _ = make_active(northwind)

    def checked_too_early(found: Release) -> None:
        check_clearance(found)
        as_owner(fresh_database, "approvals_vote", "DELETE FROM approvals_vote")

    with monkeypatch.context() as patched:
        patched.setattr(clearance, "check_clearance", checked_too_early)
        before = first_value(release)
        clear(release.pk, fingerprint=before)

    with pytest.raises(NotCleared, match="does not have the approvals"):
        clear(release.pk, fingerprint=before)


def test_a_refusal_is_not_kept(fresh_database: FreshDatabase, northwind: Company) -> None:
    release, _ = make_active(northwind)
    as_owner(fresh_database, "approvals_request", "UPDATE approvals_request SET state = 'withdrawn'")
    with pytest.raises(NotCleared):
        cleared(release.pk)

    as_owner(fresh_database, "approvals_request", "UPDATE approvals_request SET state = 'approved'")

    assert cleared(release.pk) is cleared(release.pk)


def test_only_the_last_used_are_known(northwind: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clearance, "MOST_KNOWN", 2)
    clearance._known.clear()
    checks = _counted_checks(monkeypatch)
    first, second, third = (make_active(northwind)[0].pk for _ in range(3))
    checks.clear()

    for release in (first, second, first, third, first, second):
        cleared(release)

    assert checks == [first, second, third, second]


def _counted_checks(monkeypatch: pytest.MonkeyPatch) -> list[UUID]:
    made: list[UUID] = []
    check: Callable[[Release], None] = check_clearance

    def counted(release: Release) -> None:
        made.append(release.pk)
        check(release)

    monkeypatch.setattr(clearance, "check_clearance", counted)
    return made
