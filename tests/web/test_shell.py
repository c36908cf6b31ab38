"""The rail and the account menu: what stands there, for whom, and where one is."""

import pytest
from django.test import RequestFactory

from governance.access.organisations import add_to_team, create_team
from governance.access.permissions import Role
from governance.access.services import grant_role, revoke_role
from governance.accounts.models import Team, User
from governance.approvals.models import ApprovalRequest
from governance.ledger.acting import acting
from portal.web import shell
from portal.web.shell import Entry, Section, Shell
from tests.factories.cast import Company


def frame(person: User, path: str = "/") -> Shell:
    """The shell of a request by a person."""
    request = RequestFactory().get(path)
    request.user = person
    return Shell(request)


def lines(found: Shell) -> dict[str, Entry]:
    """The rail's lines by name."""
    return {each.label: each for section in found.sections for each in section.entries}


def test_an_entry_without_a_page_is_left_out(northwind: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    rail = (
        Section("One", (Entry("Home", "home", "home"), Entry("Nothing", "no-such-page", "x"))),
        Section("Two", ()),
    )
    monkeypatch.setattr(shell, "RAIL", rail)
    found = frame(northwind.auditor).sections
    assert [(section.label, [each.label for each in section.entries]) for section in found] == [
        ("One", ["Home"])
    ]


def test_the_page_and_the_section_one_is_in_are_marked(northwind: Company) -> None:
    on_it = lines(frame(northwind.auditor, "/search/"))
    beneath = lines(frame(northwind.auditor, "/search/by/file/"))
    assert (on_it["Search"].current, on_it["Home"].current) == ("page", "")
    assert (beneath["Search"].current, beneath["Home"].current) == ("true", "")


def test_the_nearest_account_page_is_marked_and_no_other(northwind: Company) -> None:
    marks = {
        each.label: each.current for each in frame(northwind.auditor, "/account/password/change/").account
    }
    assert marks["Change password"] == "page"
    assert set(marks.values()) == {"page", ""}


def test_the_admin_is_offered_to_those_whom_it_lets_in(northwind: Company) -> None:
    person = northwind.auditor
    assert "Admin" not in lines(frame(person))
    person.is_staff = True
    assert "Admin" in lines(frame(person))


def test_approvals_are_counted_for_those_who_can_decide_them(northwind: Company, rival: Company) -> None:
    with acting(northwind.author):
        ApprovalRequest.objects.create(
            project=northwind.project,
            subject="a release",
            digest="0" * 64,
            quorum=1,
            requested_by=northwind.author,
        )
    waiting = [
        shell.approvals_waiting(person) for person in (northwind.approver, northwind.auditor, rival.approver)
    ]
    assert waiting == [1, 0, 0]


def test_roles_are_named_with_their_organisation(northwind: Company) -> None:
    assert frame(northwind.approver).person_roles == ["Approver · Northwind Bank"]
    assert frame(northwind.owner).person_roles == ["Platform owner · Northwind Bank"]
    assert frame(northwind.stranger).person_roles == []


def test_a_role_that_a_team_holds_too_is_named_once_and_until_it_is_taken_back(northwind: Company) -> None:
    owner, person = northwind.owner, northwind.stranger
    team = create_team(northwind.organisation, actor=owner, name="Assurance")
    add_to_team(team, actor=owner, person=person)
    holders: tuple[Team | User, ...] = (team, person)
    grants = [
        grant_role(northwind.project, actor=owner, role=Role.AUDITOR, to=holder, reason="Audits.")
        for holder in holders
    ]
    for grant in grants:
        assert frame(person).person_roles == ["Auditor · Northwind Bank"]
        revoke_role(grant, actor=owner, reason="No more.")
    assert frame(person).person_roles == []


def test_nobody_is_shown_a_rail_before_signing_in() -> None:
    found = Shell(RequestFactory().get("/"))
    assert (found.sections, found.account, found.person_name, found.person_roles) == ([], [], "", [])
