"""One asset shared with somebody who holds no role on its project."""

import pytest

from governance.access.people import disable_person, enable_person
from governance.access.permissions import AssetPermission
from governance.catalog.models import Asset, Version
from governance.catalog.services import create_version
from governance.catalog.sharing import share_asset, shared_with, stop_sharing_asset
from governance.errors import Invalid, NotAllowed, NotVisible, WrongState
from governance.ledger.kinds import Kind
from governance.ledger.models import Event
from tests.factories.cast import Company
from tests.factories.things import PROMPT, make_model, make_prompt, make_workflow, workflow_content


@pytest.fixture
def shared(northwind: Company) -> Asset:
    """A prompt; another stands beside it, unshared."""
    make_prompt(northwind)
    return make_prompt(northwind).asset


def test_the_holder_sees_this_asset_alone(shared: Asset, northwind: Company) -> None:
    assert not Asset.objects.visible_to(northwind.stranger).exists()

    share(shared, northwind, AssetPermission.VIEW)

    assert list(Asset.objects.visible_to(northwind.stranger)) == [shared]
    assert list(Version.objects.visible_to(northwind.stranger)) == list(shared.versions.all())


def test_reading_is_not_writing(shared: Asset, northwind: Company) -> None:
    share(shared, northwind, AssetPermission.VIEW)

    with pytest.raises(NotVisible):
        create_version(shared, actor=northwind.stranger, content=PROMPT, message="mine")


def test_who_may_write_the_asset_writes_this_one_alone(shared: Asset, northwind: Company) -> None:
    share(shared, northwind, AssetPermission.AUTHOR)

    version = create_version(shared, actor=northwind.stranger, content=PROMPT, message="mine")
    assert version.author == northwind.stranger
    assert list(Asset.objects.visible_to(northwind.stranger)) == [shared]

    other = make_prompt(northwind).asset
    with pytest.raises(NotVisible):
        create_version(other, actor=northwind.stranger, content=PROMPT, message="not mine")


def test_what_was_shared_ends(shared: Asset, northwind: Company) -> None:
    share(shared, northwind, AssetPermission.AUTHOR)
    stop_sharing_asset(shared, actor=northwind.owner, person=northwind.stranger, reason="done")

    assert not Asset.objects.visible_to(northwind.stranger).exists()
    with pytest.raises(WrongState):
        stop_sharing_asset(shared, actor=northwind.owner, person=northwind.stranger, reason="done")


def test_what_a_disabled_person_holds_ends_and_does_not_come_back_with_the_account(
    shared: Asset, northwind: Company
) -> None:
    owner, stranger = northwind.owner, northwind.stranger
    share(shared, northwind, AssetPermission.AUTHOR)
    disable_person(stranger, actor=owner, organisation=northwind.organisation)

    stop_sharing_asset(shared, actor=owner, person=stranger, reason="left")

    stranger = enable_person(stranger, actor=owner, organisation=northwind.organisation)
    assert not Asset.objects.visible_to(stranger).exists()
    assert not shared_with(shared).exists()


def test_it_is_recorded_with_its_reason(shared: Asset, northwind: Company) -> None:
    share(shared, northwind, AssetPermission.VIEW)
    stop_sharing_asset(shared, actor=northwind.owner, person=northwind.stranger, reason="done")

    given, taken = Event.objects.about("prompt", shared.pk).order_by("-id")[:2][::-1]
    assert (given.kind, given.details["reason"]) == (Kind.ASSET_SHARED, "for the review")
    assert (taken.kind, taken.details["permission"]) == (Kind.ASSET_UNSHARED, "view_asset")


def test_only_who_administers_shares_and_only_within_the_organisation(
    shared: Asset, northwind: Company, rival: Company
) -> None:
    with pytest.raises(NotAllowed):
        share_asset(
            shared,
            actor=northwind.author,
            permission=AssetPermission.VIEW,
            to=northwind.stranger,
            reason="for the review",
        )
    with pytest.raises(NotVisible):
        share_asset(
            shared, actor=northwind.owner, permission=AssetPermission.VIEW, to=rival.author, reason="a favour"
        )
    share(shared, northwind, AssetPermission.VIEW)
    with pytest.raises(WrongState):
        share(shared, northwind, AssetPermission.VIEW)


def share(asset: Asset, company: Company, permission: AssetPermission) -> None:
    share_asset(
        asset, actor=company.owner, permission=permission, to=company.stranger, reason="for the review"
    )


def test_who_holds_one_workflow_pins_what_it_pins_already_and_learns_of_nothing_else(
    northwind: Company,
) -> None:
    prompt, model, secret = make_prompt(northwind), make_model(northwind), make_prompt(northwind)
    workflow = make_workflow(northwind, prompt=prompt, model=model).asset
    share(workflow, northwind, AssetPermission.AUTHOR)
    stranger = northwind.stranger
    renamed = workflow_content(prompt, model)
    renamed["nodes"][0]["key"] = renamed["start"] = renamed["output"] = "gist"

    version = create_version(workflow, actor=stranger, content=renamed, message="the gist")

    assert set(version.pins.values_list("pinned", flat=True)) == {prompt.pk, model.pk}
    for unseen in (secret, make_prompt(northwind, asset=prompt.asset, text="Next.")):
        with pytest.raises(Invalid, match="as far as you can see"):
            create_version(workflow, actor=stranger, content=workflow_content(unseen, model), message="?")
