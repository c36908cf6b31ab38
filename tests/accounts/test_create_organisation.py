"""`manage.py create_organisation`"""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from governance.access.organisations import create_project
from governance.accounts.models import Organisation, User
from governance.ledger.models import Event
from tests.factories.cast import Company
from tests.visiting import sign_in, visitor

OWNER = {"name": "Third Bank", "owner": "ruth@third.example", "owner_name": "Ruth Okafor"}


def test_the_first_owner_signs_in_replaces_the_printed_password_and_makes_the_rest(db: None) -> None:
    said = StringIO()

    call_command("create_organisation", "third", stdout=said, **OWNER)

    client = visitor()
    printed, own = said.getvalue().split()[-1], "chosen-by-Ruth-19"
    sign_in(client, "ruth@third.example", printed)
    replaced = {"oldpassword": printed, "password1": own, "password2": own}
    client.post("/account/password/change/", replaced)
    assert "Your organisation is open" in client.get("/").content.decode()
    assert client.get("/admin/").status_code == 200
    made, ruth = Organisation.objects.get(slug="third"), User.objects.get(email="ruth@third.example")
    assert create_project(made, actor=ruth, slug="loans", name="Loans").organisation == made
    acted = Event.objects.filter(organisation=made.pk).values_list("actor_name", flat=True)
    assert list(acted) == ["Ruth Okafor", *["Set-up"] * 4]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"owner": "author@northwind.example"}, "cannot be used"),
        ({"owner": "nobody"}, "valid email address"),
        ({"owner_name": " "}, "printed name"),
    ],
)
def test_without_an_owner_there_is_no_organisation(
    changed: dict[str, str], said: str, northwind: Company
) -> None:
    with pytest.raises(CommandError, match=said):
        call_command("create_organisation", "third", **{**OWNER, **changed})
    assert not Organisation.objects.filter(slug="third").exists()


def test_a_taken_slug_is_said(northwind: Company) -> None:
    with pytest.raises(CommandError, match="taken"):
        call_command("create_organisation", "northwind", **OWNER)
