"""Submitting, activating and rolling back."""

import pytest

from governance.approvals.models import Vote
from governance.approvals.services import vote
from governance.catalog.functions import Announcement, announce
from governance.errors import Invalid, NotAllowed, NotVisible, WrongState
from governance.ledger.canonical import sha256_hex
from governance.ledger.kinds import Kind
from governance.ledger.models import Event
from governance.releases.models import Activation, Release
from governance.releases.services import activate, create_environment, roll_back, submit_release
from tests.factories.cast import Company
from tests.factories.things import (
    approve,
    make_active,
    make_approved,
    make_model,
    make_prompt,
    make_release,
    make_version,
    make_workflow,
    workflow_content,
)
from tests.harness.fresh import FreshDatabase


def in_effect(company: Company) -> list[Release]:
    return [found.release for found in Activation.objects.in_effect().filter(environment=company.production)]


def test_a_release_names_everything_that_it_lets_run(northwind: Company) -> None:
    prompt, model = make_prompt(northwind), make_model(northwind)
    workflow = make_workflow(northwind, prompt=prompt, model=model)

    release = make_release(northwind, version=workflow)

    assert release.digest == sha256_hex(bytes(release.closure)) == release.request.digest
    assert release.contents["environment"] == {"slug": "production", "protected": True, "quorum": 1}
    assert release.contents["workflow"]["sha256"] == workflow.digest
    listed = {(entry["asset"], entry["number"], entry["sha256"]) for entry in release.contents["versions"]}
    assert listed == {
        (prompt.asset.slug, 1, prompt.digest),
        (model.asset.slug, 1, model.digest),
    }


def test_whatever_is_in_a_release_is_in_its_digest(northwind: Company) -> None:
    """Another prompt, model, environment or function: another digest to decide on."""
    prompt, model = make_prompt(northwind, text="One."), make_model(northwind)
    workflow = make_workflow(northwind, prompt=prompt, model=model).asset
    other_prompt = make_prompt(northwind, asset=prompt.asset, text="Two.")
    other_model = make_model(northwind, asset=model.asset, context_tokens=4096)
    second = make_workflow(northwind, prompt=other_prompt, model=model, asset=workflow)
    third = make_workflow(northwind, prompt=other_prompt, model=other_model, asset=workflow)
    first = workflow.versions.get(number=1)

    digests = [make_release(northwind, version=version).digest for version in (first, second, third)]
    digests += [make_release(northwind, version=first, environment=northwind.staging).digest]

    assert len(set(digests)) == 4


def test_the_source_of_a_function_is_in_the_digest(northwind: Company) -> None:
    digests = []
    for source in ("0" * 64, "1" * 64):
        announce(Announcement("test_step@7", frozenset({"text"}), "For the test.", source))
        draft = workflow_content(make_prompt(northwind), make_model(northwind))
        node = {"kind": "function", "key": "first", "function": "test_step@7", "inputs": {"text": "$letter"}}
        draft["nodes"].append({**node, "next": "summary"})
        draft["start"] = "first"
        release = make_release(northwind, version=make_version(northwind, "workflow", draft))
        assert release.contents["functions"] == {"test_step@7": source}
        digests.append(release.digest)

    assert digests[0] != digests[1]


def test_a_protected_environment_takes_what_is_approved_alone(northwind: Company) -> None:
    release = make_release(northwind)
    with pytest.raises(WrongState, match="not approved: waiting for approval"):
        activate(release, actor=northwind.operator, reason="Tried out.")

    approve(release, by=northwind.approver)
    activate(release, actor=northwind.operator, reason="Tried out.")

    assert in_effect(northwind) == [release]


def test_an_unprotected_environment_asks_for_nobody(northwind: Company) -> None:
    release = make_release(northwind, environment=northwind.development)

    assert release.request.state == "not_required"
    activate(release, actor=northwind.operator, reason="Tried out.")


def test_a_rejected_release_never_takes_effect(northwind: Company) -> None:
    release = make_release(northwind)
    vote(
        release.request,
        actor=northwind.approver,
        decision=Vote.Decision.REJECT,
        reason="Too terse.",
        digest=release.digest,
    )

    with pytest.raises(WrongState, match="not approved: rejected"):
        activate(release, actor=northwind.operator, reason="Tried out.")


def test_rolling_back_takes_the_earlier_release_into_effect_again(northwind: Company) -> None:
    first, _ = make_active(northwind)
    newer = make_workflow(northwind, asset=first.workflow)
    second, _ = make_active(northwind, version=newer)
    assert in_effect(northwind) == [second]

    back = roll_back(first, actor=northwind.operator, reason="The new one is rude.")

    assert in_effect(northwind) == [first]
    assert (back.sequence, back.kind, back.reason) == (3, "rollback", "The new one is rude.")
    event = Event.objects.about("release", first.pk).get(kind=Kind.RELEASE_ROLLED_BACK)
    assert event.details["replaced"] == str(second)
    assert event.details["reason"] == "The new one is rude."


def test_rolling_back_needs_a_reason_and_something_to_go_back_to(northwind: Company) -> None:
    active, _ = make_active(northwind)
    waiting = make_approved(northwind, version=make_workflow(northwind, asset=active.workflow))

    with pytest.raises(Invalid, match="Say why"):
        roll_back(active, actor=northwind.operator, reason=" ")
    with pytest.raises(WrongState, match="in effect in Production already"):
        roll_back(active, actor=northwind.operator, reason="again")
    with pytest.raises(WrongState, match="never in effect"):
        roll_back(waiting, actor=northwind.operator, reason="forwards?")


@pytest.mark.parametrize("part", ["author", "auditor", "owner"])
def test_who_may_not_put_into_effect_is_told_so_first(part: str, northwind: Company) -> None:
    release = make_approved(northwind)
    person = northwind.person(part)

    with pytest.raises(NotAllowed, match="Put an approved release into effect"):
        activate(release, actor=person, reason="Tried out.")
    with pytest.raises(NotAllowed):
        roll_back(release, actor=person, reason="why not")


@pytest.mark.parametrize("part", ["approver", "operator", "auditor", "owner"])
def test_only_authors_submit(part: str, northwind: Company) -> None:
    with pytest.raises(NotAllowed, match="Submit a release"):
        make_release(northwind, version=make_workflow(northwind), by=northwind.person(part))


def test_nothing_of_a_release_is_there_for_another_organisation(northwind: Company, rival: Company) -> None:
    release, _ = make_active(northwind)

    assert not Release.objects.visible_to(rival.owner).exists()
    assert not Activation.objects.visible_to(rival.owner).exists()
    with pytest.raises(NotVisible):
        submit_release(release.version, actor=rival.author, environment=rival.production)
    with pytest.raises(NotVisible):
        roll_back(release, actor=rival.operator, reason="mischief")


def test_a_release_stays_within_its_organisation(northwind: Company, rival: Company) -> None:
    with pytest.raises(NotVisible, match="no such environment"):
        make_release(northwind, environment=rival.production)


def test_only_workflows_are_released(northwind: Company) -> None:
    with pytest.raises(Invalid, match="Only a workflow version"):
        make_release(northwind, version=make_prompt(northwind))


def test_the_same_content_does_not_wait_twice(northwind: Company) -> None:
    release = make_release(northwind)
    with pytest.raises(WrongState, match="waits for approval"):
        make_release(northwind, version=release.version)

    approve(release, by=northwind.approver)
    again = make_release(northwind, version=release.version)
    assert again.number == 2


def test_what_is_in_effect_is_not_activated_again(northwind: Company) -> None:
    release, _ = make_active(northwind)

    with pytest.raises(WrongState, match="already"):
        activate(release, actor=northwind.operator, reason="Tried out.")


def test_each_workflow_and_environment_has_its_own_effect(northwind: Company) -> None:
    first, _ = make_active(northwind)
    second, _ = make_active(northwind)
    staged, _ = make_active(northwind, version=first.version, environment=northwind.staging)

    found = {activation.release for activation in Activation.objects.in_effect()}
    assert found == {first, second, staged}


def test_of_two_activations_at_once_each_has_its_number(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    first = make_approved(northwind)
    second = make_approved(northwind, version=make_workflow(northwind, asset=first.workflow))
    operator, approver = northwind.operator, northwind.approver

    answers = fresh_database.at_once(
        lambda: activate(first, actor=operator, reason="Tried out."),
        lambda: activate(second, actor=approver, reason="Tried out."),
    )

    assert sorted(found.sequence for found in answers if isinstance(found, Activation)) == [1, 2]
    assert len(in_effect(northwind)) == 1


@pytest.mark.parametrize(("slug", "name"), [("a b", "A"), ("", "A"), ("test", " "), ("production", "Again")])
def test_an_environment_has_a_plain_free_slug_and_a_name(slug: str, name: str, northwind: Company) -> None:
    with pytest.raises(Invalid):
        create_environment(
            northwind.organisation, actor=northwind.owner, slug=slug, name=name, rank=9, protected=True
        )


@pytest.mark.parametrize("notes", ["x" * 1001, "nul \x00", "half \ud83d"])
def test_notes_that_cannot_be_stored_are_refused(notes: str, northwind: Company) -> None:
    with pytest.raises(Invalid) as refused:
        submit_release(
            make_workflow(northwind), actor=northwind.author, environment=northwind.production, notes=notes
        )
    assert "notes" in refused.value.fields


def test_whoever_may_not_roll_back_learns_nothing_of_what_is_wrong_with_it(
    northwind: Company, rival: Company
) -> None:
    """The person first, then what they handed in."""
    release, _ = make_active(northwind)
    with pytest.raises(NotVisible):
        roll_back(release, actor=rival.approver, reason="")
    with pytest.raises(NotAllowed):
        roll_back(release, actor=northwind.auditor, reason="")


def test_nothing_takes_effect_without_a_reason(northwind: Company) -> None:
    release = make_approved(northwind)
    with pytest.raises(Invalid, match="Say why you put it into effect"):
        activate(release, actor=northwind.operator, reason=" ")
    assert not release.activations.exists()
