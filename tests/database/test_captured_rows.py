"""What the database tells of a row: digests without secrets, and only of what governs."""

from hashlib import sha256

from django.contrib.auth.hashers import check_password, make_password
from django.test import Client
from django.urls import reverse

from governance.accounts.models import Project, User
from governance.ledger.acting import acting
from governance.ledger.models import Event
from tests.factories.captured import Told
from tests.factories.cast import PASSWORD, Company
from tests.factories.things import make_prompt
from tests.harness.fresh import FreshDatabase
from tests.visiting import visitor


def test_a_change_that_changes_nothing_is_not_told(fresh_database: FreshDatabase, northwind: Company) -> None:
    told = Told()
    Project.objects.filter(pk=northwind.project.pk).update(name=northwind.project.name)
    User.objects.filter(pk=northwind.author.pk).update(last_login="2026-11-22T12:00:00Z")

    assert told.rows() == []


def test_secrets_enter_no_digest(fresh_database: FreshDatabase, northwind: Company) -> None:
    told = Told()
    with acting(northwind.author):
        User.objects.filter(pk=northwind.author.pk).update(password=make_password("another long phrase"))

    details = told.last("accounts_user").details
    assert details["columns"] == ["password"]
    assert details["before"] == details["after"]


def test_the_digest_is_that_of_the_row_that_stands(fresh_database: FreshDatabase, northwind: Company) -> None:
    version = make_prompt(northwind)
    with fresh_database.connect() as session:
        session.execute("SET timezone = 'Asia/Kolkata'")
        session.execute("SET timezone = 'UTC'")
        row = session.execute(
            "SELECT to_jsonb(v)::text FROM catalog_version v WHERE id = %s", [version.pk]
        ).fetchone()

    assert row is not None
    told = Event.objects.filter(object_type="catalog_version", object_id=version.pk).latest("id").details
    assert told["after"] == sha256(row[0].encode()).hexdigest()


def test_signing_in_hashes_an_earlier_password_anew_in_the_person_s_name(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    with acting(northwind.author):
        slow = make_password(PASSWORD, hasher="pbkdf2_sha256")
        User.objects.filter(pk=northwind.author.pk).update(password=slow)
    told = Told()

    person = User.objects.get(pk=northwind.author.pk)
    assert person.check_password(PASSWORD)

    stored = User.objects.get(pk=person.pk).password
    assert stored != slow
    assert check_password(PASSWORD, stored)
    assert told.rows() == [("row.changed", "accounts_user", person.pk)]


def test_one_s_own_new_password_is_told(fresh_database: FreshDatabase, northwind: Company) -> None:
    told, client = Told(), Client()
    client.force_login(northwind.author)
    answer = client.post(
        reverse("account_change_password"),
        {"oldpassword": PASSWORD, "password1": "a quite new phrase 7", "password2": "a quite new phrase 7"},
    )

    assert answer.status_code == 302
    assert ("row.changed", "accounts_user", northwind.author.pk) in told.rows()
    assert User.objects.get(pk=northwind.author.pk).check_password("a quite new phrase 7")


def test_the_ledger_s_page_leaves_rows_out_unless_they_are_wanted(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    version = make_prompt(northwind)
    client, page = visitor(northwind.owner), reverse("governance:ledger")

    def kinds(**asked: str) -> set[str]:
        answer = client.get(page, asked)
        assert answer.status_code == 200
        return {row.event.kind for row in answer.context["rows"]}

    assert "row.inserted" not in kinds()
    assert {"row.inserted", "version.created"} <= kinds(rows="with")
    assert kinds(kind="row.inserted") == {"row.inserted"}
    assert kinds(object=str(version.pk)) == {"row.inserted", "version.created"}
    assert client.get(page, {"rows": "perhaps"}).status_code == 400
