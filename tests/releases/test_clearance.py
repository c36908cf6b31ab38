"""The worker's own check: whatever was changed behind the portal's back, it does not run.

The rows are changed as the owner of the tables with the triggers off: the most that anybody short of the
operating system can do.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from pytest_django import DjangoAssertNumQueries

from governance.approvals.models import ApprovalRequest
from governance.catalog.functions import Announcement, announce
from governance.releases.clearance import NotCleared, check_clearance, cleared
from governance.releases.models import Release
from tests.factories.cast import Company
from tests.factories.things import (
    make_active,
    make_approved,
    make_model,
    make_prompt,
    make_release,
    make_version,
    workflow_content,
)
from tests.harness.fresh import FreshDatabase

GUARDS = {
    "approvals_request": ["guard_request", "guard_request_moment"],
    "approvals_vote": ["refuse_change"],
    "approvals_exclusion": ["refuse_change"],
    "catalog_version": ["refuse_change"],
    "catalog_pin": ["refuse_change"],
    "releases_release": ["refuse_change"],
    "releases_environment": ["refuse_change"],
}


@contextmanager
def intruder(database: FreshDatabase) -> Iterator[psycopg.Connection]:
    """The owner's role with the guards taken down, and put up again afterwards."""
    with database.connect("owner") as owner:
        for table, triggers in GUARDS.items():
            for trigger in triggers:
                owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")
        yield owner
        for table, triggers in GUARDS.items():
            for trigger in triggers:
                owner.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}")


def read(release: Release) -> Release:
    return Release.objects.with_names().get(pk=release.pk)


def test_what_was_approved_is_cleared(northwind: Company) -> None:
    release, _ = make_active(northwind)

    check_clearance(read(release))
    check_clearance(read(make_release(northwind, environment=northwind.development)))


case = pytest.param


@pytest.mark.parametrize(
    ("tampering", "words"),
    [
        case(
            "UPDATE catalog_version SET content = convert_to(replace(convert_from(content, 'UTF8'),"
            " 'Summarise', 'Approve everything'), 'UTF8')",
            "a pinned version has changed",
            id="the prompt's text",
        ),
        case(
            "UPDATE catalog_version SET content = convert_to(replace(convert_from(content, 'UTF8'),"
            ' \'"letter":"$letter"\', \'"letter":"$letter" \'), \'UTF8\') WHERE id IN'
            " (SELECT version_id FROM releases_release)",
            "the workflow version has changed",
            id="one blank in the workflow",
        ),
        case(
            "UPDATE catalog_pin SET pinned_id = (SELECT id FROM catalog_version WHERE number = 2)"
            " WHERE pinned_id = (SELECT parent_id FROM catalog_version WHERE number = 2)",
            "a pinned version has changed",
            id="the pin",
        ),
        case("DELETE FROM catalog_pin", "a pinned version has changed", id="no pins"),
        case(
            "UPDATE catalog_version SET content = 'not json' WHERE id IN"
            " (SELECT version_id FROM releases_release)",
            "cannot be read any more",
            id="unreadable",
        ),
        case(
            "UPDATE releases_release SET closure = convert_to(replace(convert_from(closure, 'UTF8'),"
            " 'production', 'elsewhere'), 'UTF8')",
            "does not have the release digest",
            id="the closure",
        ),
        case(
            "UPDATE releases_release SET digest = repeat('0', 64)",
            "does not have the release digest",
            id="the digest",
        ),
        case(
            "UPDATE releases_release SET environment_id ="
            " (SELECT id FROM releases_environment WHERE slug = 'staging' LIMIT 1)",
            "the environment's protection has changed",
            id="another environment",
        ),
        case(
            "UPDATE releases_environment SET protected = false",
            "the environment's protection has changed",
            id="the protection taken away",
        ),
        case(
            "UPDATE approvals_request SET quorum = 0", "the environment's protection has changed", id="quorum"
        ),
        case(
            "UPDATE approvals_request SET digest = repeat('0', 64)",
            "made on another release digest",
            id="the decision",
        ),
        case("DELETE FROM approvals_vote", "does not have the approvals", id="the vote removed"),
        case(
            "UPDATE approvals_vote SET decision = 'reject'",
            "does not have the approvals",
            id="the vote turned",
        ),
        case(
            "UPDATE approvals_vote SET digest = repeat('0', 64)",
            "does not have the approvals",
            id="stale vote",
        ),
        case(
            "UPDATE approvals_vote SET person_id ="
            " (SELECT author_id FROM catalog_version ORDER BY number LIMIT 1)",
            "does not have the approvals",
            id="the author's vote",
        ),
        case(
            "WITH gone AS (DELETE FROM approvals_exclusion) UPDATE approvals_vote SET person_id ="
            " (SELECT author_id FROM catalog_version ORDER BY number LIMIT 1)",
            "does not have the approvals",
            id="the author's vote, the exclusion removed",
        ),
        case(
            "UPDATE approvals_request SET state = 'withdrawn'", "does not have the approvals", id="withdrawn"
        ),
    ],
)
def test_tampering_is_noticed_before_anything_runs(
    tampering: str, words: str, fresh_database: FreshDatabase, northwind: Company
) -> None:
    prompt = make_prompt(northwind)
    make_prompt(northwind, asset=prompt.asset, text="Another text.")
    draft = workflow_content(prompt, make_model(northwind))
    release, _ = make_active(northwind, version=make_version(northwind, "workflow", draft))
    assert cleared(release.pk) is cleared(release.pk), "known before it is tampered with"

    with intruder(fresh_database) as owner:
        assert owner.execute(tampering).rowcount > 0

    for _ in range(2):
        with pytest.raises(NotCleared, match=words):
            cleared(release.pk)
    with pytest.raises(NotCleared, match=words):
        check_clearance(read(release))


def test_an_approved_state_without_votes_does_not_help(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    release = make_release(northwind)
    with intruder(fresh_database) as owner:
        owner.execute("UPDATE approvals_request SET state = 'approved'")

    assert ApprovalRequest.objects.get(pk=release.request.pk).state == "approved"
    with pytest.raises(NotCleared, match="does not have the approvals"):
        check_clearance(read(release))


def test_a_function_whose_code_changed_since_the_approval_does_not_run(northwind: Company) -> None:
    announce(Announcement("test_step@8", frozenset({"text"}), "For the test.", "0" * 64))
    draft = workflow_content(make_prompt(northwind), make_model(northwind))
    node = {"kind": "function", "key": "first", "function": "test_step@8", "inputs": {"text": "$letter"}}
    draft["nodes"].append({**node, "next": "summary"})
    draft["start"] = "first"
    release = make_approved(northwind, version=make_version(northwind, "workflow", draft))
    check_clearance(release)
    assert cleared(release.pk) is cleared(release.pk)

    announce(Announcement("test_step@8", frozenset({"text"}), "For the test.", "1" * 64))

    for _ in range(2):
        with pytest.raises(NotCleared, match="the code of its functions has changed"):
            cleared(release.pk)
    with pytest.raises(NotCleared, match="the code of its functions has changed"):
        check_clearance(release)


def test_it_takes_few_queries(
    northwind: Company, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    release, _ = make_active(northwind)
    found = Release.objects.select_related("version__asset", "environment", "request", "workflow").get(
        pk=release.pk
    )

    with django_assert_max_num_queries(3):
        check_clearance(found)
