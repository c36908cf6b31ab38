"""`manage.py release`: submitting and putting into effect without a browser, as one of the people."""

import io

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from governance.ledger.models import Event
from governance.releases.models import Activation, Release
from tests.factories.cast import Company
from tests.factories.runs import chain
from tests.factories.things import approve, make_version, make_workflow


def said(*words: str) -> str:
    """What the command prints."""
    out = io.StringIO()
    call_command("release", *words, stdout=out)
    return out.getvalue()


def refused(*words: str) -> str:
    """What it says when it refuses."""
    with pytest.raises(CommandError) as refusal:
        said(*words)
    return str(refusal.value)


def test_a_version_is_submitted_approved_by_a_person_and_put_into_effect(northwind: Company) -> None:
    version = make_workflow(northwind)
    name = f"{northwind.project.slug}/{version.asset.slug}"
    submitted = ["submit", name, "--environment", "production", "--as", northwind.author.email]

    answer = said(*submitted, "--notes", "From a pipeline.")

    release = Release.objects.get(workflow=version.asset)
    assert (release.notes, release.submitted_by) == ("From a pipeline.", northwind.author)
    assert answer.startswith(f"{release}, {version}, is submitted to Production, SHA-256 {release.digest}.")
    assert "It waits for 1 approval." in answer
    assert "waits for approval for Production already" in refused(*submitted)

    act = ["activate", name, str(release.number), "--reason", "Now.", "--as", northwind.operator.email]
    assert "approv" in refused(*act)
    approve(release, by=northwind.approver)
    assert said(*act).strip() == f"{release} is in effect in Production. New runs use it from now on."
    assert Activation.objects.get(release=release).reason == "Now."
    told = Event.objects.get(kind="release.activated", object_id=release.pk)
    assert told.actor == northwind.operator.pk


def test_an_unprotected_environment_needs_nobody_and_the_version_can_be_named(northwind: Company) -> None:
    first = make_workflow(northwind)
    make_version(northwind, "workflow", chain(2), asset=first.asset)
    name = f"northwind/{northwind.project.slug}/{first.asset.slug}@1"
    answer = said("submit", name, "--environment", "development", "--as", northwind.author.email)
    assert "Nobody needs to approve it" in answer
    assert Release.objects.get(workflow=first.asset).version == first


def test_it_lets_nobody_do_what_they_may_not_on_the_page(northwind: Company, rival: Company) -> None:
    version = make_workflow(northwind)
    name = f"{northwind.project.slug}/{version.asset.slug}"
    to = ["--environment", "production", "--as"]
    for person in (northwind.auditor, northwind.operator):
        assert "Submit a release" in refused("submit", name, *to, person.email)
    assert "sees no workflow called" in refused("submit", name, *to, rival.author.email)
    assert "Nobody here has the address" in refused("submit", name, *to, "nobody@nowhere.example")
    assert "There is no version" in refused("submit", f"{name}@7", *to, northwind.author.email)
    where = ["submit", name, "--environment", "moon", "--as", northwind.author.email]
    assert "choose one of development, staging, production" in refused(*where)
    nowhere = ["activate", name, "3", "--reason", "x", "--as", northwind.operator.email]
    assert f"{version.asset.slug} has no release 3." in refused(*nowhere)
    assert not Release.objects.filter(workflow=version.asset).exists()
