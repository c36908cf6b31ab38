"""A password that is set from the command line."""

from io import StringIO

import pytest
from django.contrib.auth.management.commands import changepassword
from django.core.management import CommandError, call_command

from governance.accounts.models import User
from governance.ledger.models import Event
from tests.factories.cast import Company
from tests.harness.fresh import FreshDatabase

NEW = "nineteen blue kettles sing"


def test_it_is_committed_and_told_in_the_name_of_the_set_up(
    fresh_database: FreshDatabase, northwind: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changepassword.Command, "_get_pass", lambda *_: NEW)
    said = StringIO()
    call_command("changepassword", northwind.author.email, stdout=said)
    assert "changed successfully" in said.getvalue()
    assert User.objects.get(pk=northwind.author.pk).check_password(NEW)
    told = Event.objects.filter(object_id=northwind.author.pk, kind="row.changed").latest("pk")
    assert told.actor == User.objects.system("set-up").pk
    assert NEW not in bytes(told.record).decode()


def test_an_unknown_address_changes_nothing(db: None) -> None:
    with pytest.raises(CommandError, match="does not exist"):
        call_command("changepassword", "nobody@example.com")
